//! Column and index shapes that every migration uses.
//!
//! Instants carry their zone, ids are UUIDs, codes and documents are text: the same bytes on both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null};

pub(crate) fn id() -> ColumnDef {
    uuid("id").primary_key().take()
}

pub(crate) fn refers(name: &'static str) -> ColumnDef {
    uuid(name)
}

pub(crate) fn may_refer(name: &'static str) -> ColumnDef {
    uuid_null(name)
}

pub(crate) fn instant(name: &'static str) -> ColumnDef {
    timestamp_with_time_zone(name)
}

pub(crate) fn instant_null(name: &'static str) -> ColumnDef {
    timestamp_with_time_zone_null(name)
}

/// A table from its columns; `unique` names the columns of the primary key when it is not `id`.
pub(crate) fn table(
    name: &'static str,
    columns: Vec<ColumnDef>,
    key: &[&'static str],
) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    if !key.is_empty() {
        let mut primary = Index::create();
        for column in key {
            primary.col(*column);
        }
        table.primary_key(&mut primary);
    }
    table.take()
}

/// An index named after what it covers.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index.take()
}

/// A unique index named after what it covers.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).name(format!("ux_{table}_{}", columns.join("_"))).unique().take()
}

/// A unique index over the rows whose `open` column is still null.
pub(crate) fn unique_while_open(
    table: &'static str,
    columns: &[&'static str],
    open: &'static str,
) -> IndexCreateStatement {
    let mut index = index(table, columns);
    index
        .name(format!("ux_{table}_{}_open", columns.join("_")))
        .unique()
        .cond_where(Expr::col(open).is_null());
    index
}

/// Creates tables, then their indexes.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables in the given order.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).take()).await?;
    }
    Ok(())
}

/// Declares a migration whose `up` creates and whose `down` drops; always in one transaction.
macro_rules! migration {
    (tables: $tables:expr, indexes: $indexes:expr, drops: $drops:expr) => {
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub(crate) struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }

            async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                crate::columns::create(manager, $tables, $indexes).await
            }

            async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                crate::columns::drop(manager, $drops).await
            }
        }
    };
}

pub(crate) use migration;
