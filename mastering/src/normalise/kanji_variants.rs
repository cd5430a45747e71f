//! 髙→高 and the like: variants of one character that Unicode does not fold, because they are distinct in law.
//!
//! Only forms used for the same name are here. 伊藤/伊東 or 太田/大田 are different names, not variants.

use std::borrow::Cow;
use std::sync::LazyLock;

use foldhash::HashMap;

/// The form in use today, then its variants.
const VARIANTS: &str = "
    高髙 崎﨑嵜碕 吉𠮷 沢澤 辺邊邉 斎齋斉齊 広廣 浜濱濵 島嶋嶌 桜櫻 国國圀 恵惠 真眞 竜龍 滝瀧 柳栁
    関關 渋澁澀 会會 学學 円圓 沖冲 富冨 峰峯 徳德 礼禮 万萬 与與 亜亞 仏佛 仮假 伝傳 児兒 党黨 処處
    剣劍劒 励勵 労勞 効效 勲勳 区區 医醫 参參 双雙 収收 叙敍 台臺 号號 嘱囑 図圖 団團 囲圍 圧壓 塩鹽
    売賣 変變 壮壯 声聲 寿壽 実實 宝寶 対對 専專 将將 尽盡 岳嶽 巌巖 巣巢 帯帶 帰歸 庁廳 弁辨瓣辯 弥彌
    弾彈 当當 径徑 従從 応應 悦悅 戦戰 戸戶 払拂 抜拔 択擇 担擔 拠據 拡擴 挙擧 挿插 捜搜 掲揭 携攜 摂攝
    数數 断斷 旧舊 昼晝 晩晚 暁曉 曽曾 条條 来來 枢樞 栄榮 桧檜 桑桒 検檢 楼樓 楽樂 槙槇 様樣 権權 横橫
    欧歐 歓歡 歩步 歯齒 残殘 殴毆 毎每 気氣 沈沉 済濟 渉涉 渓溪 涙淚 清淸 湾灣 満滿 潜潛 瀬瀨 灯燈 炉爐
    点點 為爲 焼燒 犠犧 独獨 獣獸 瑶瑤 瓶甁 産產 画畫 畳疊 県縣 盗盜 砕碎 禅禪 秘祕 称稱 稲稻 穂穗 穏穩
    窃竊 粋粹 経經 継繼 続續 総總 緑綠 縁緣 縄繩 繊纖 聡聰 脳腦 臓臟 舎舍 芸藝 荘莊 萌萠 薬藥 蔵藏
    虫蟲 蛍螢 蛮蠻 覚覺 覧覽 観觀 触觸 訳譯 証證 誉譽 読讀 豊豐 賛贊 転轉 軽輕 辞辭 逓遞 遅遲 郎郞 郷鄕
    醸釀 釈釋 鉄鐵銕 鉱鑛 鋳鑄 錬鍊 鎮鎭 陥陷 険險 随隨 隠隱 隣鄰 霊靈 静靜 頼賴 顕顯 駅驛 駆驅 騒騷
    験驗 髄髓 鶏鷄 麦麥 黄黃 黒黑 黙默 鴎鷗 祢禰 館舘 淵渕 園薗 野埜
";

static TODAY: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut today = HashMap::default();
    for group in VARIANTS.split_whitespace() {
        let mut forms = group.chars();
        if let Some(first) = forms.next() {
            today.extend(forms.map(|it| (it, first)));
        }
    }
    today
});

/// The text in the forms used today.
pub fn todays(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.chars().all(|it| in_todays_form(it) == it) {
        true => text,
        false => Cow::Owned(text.chars().map(in_todays_form).collect()),
    }
}

/// The character in the form used today.
pub fn in_todays_form(character: char) -> char {
    // Latin letters and kana come before the first ideograph and are most of what is asked.
    match character < '\u{3400}' {
        true => character,
        false => TODAY.get(&character).copied().unwrap_or(character),
    }
}

#[cfg(test)]
mod tests {
    use super::in_todays_form;

    #[test]
    fn variants_of_one_name_become_one() {
        let folded = |text: &str| text.chars().map(in_todays_form).collect::<String>();
        assert_eq!(folded("髙﨑澤邊齋斉廣𠮷會"), "高崎沢辺斎斎広吉会");
        assert_eq!(folded("邉"), folded("邊"));
    }

    #[test]
    fn different_names_stay_different() {
        for (a, b) in [('藤', '東'), ('太', '大'), ('阿', '安')] {
            assert_ne!(in_todays_form(a), in_todays_form(b), "{a} {b}");
        }
    }
}
