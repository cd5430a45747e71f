//! What a person fixes of a golden record, against whatever sources say.

crate::codes! {
    /// How a field is fixed.
    pub enum HoldKind {
        /// A value that a person gives.
        Pin("手動固定", "Pin"),
        /// The value that was served when it was locked.
        Lock("更新凍結", "Lock"),
    }
}
