//! The settings themselves.

use std::path::Path;

use crate::config::{Problems, Settings};
use crate::doctor::{Check, Code};
use crate::domain::language::Language;

/// A line for each problem, in the words in which `run` refuses them.
pub(super) fn read(path: &Path, found: &Result<Settings, Problems>, language: Language) -> Vec<Check> {
    match found {
        Ok(settings) => {
            let merchants: Vec<_> = settings.merchants.iter().map(|m| m.merchant_id.as_str()).collect();
            let (path, merchants, ledger) = (path.display(), merchants.join(", "), settings.database_path.display());
            let found = language.pick(
                format!("{path} is good; merchants: {merchants}; ledger: {ledger}"),
                format!("{path} 沒有問題；特店：{merchants}；帳本：{ledger}"),
            );
            vec![Check::ok(Code::Settings, found)]
        }
        Err(problems) => problems.iter().map(|problem| Check::fails(Code::Settings, problem, mend(language))).collect(),
    }
}

fn mend(language: Language) -> &'static str {
    language.pick(
        "put it right there, or in the file that it names (HashKey and HashIV stand in ECPay's dashboard: 系統開發管理, 系統介接設定)",
        "請更正該處或它指的檔案（HashKey、HashIV 在廠商後台：系統開發管理 → 系統介接設定）",
    )
}

/// ECPay's stage has no DoAction: nothing is captured there, nor refunded.
pub(super) fn stage(settings: &Settings, language: Language) -> Vec<Check> {
    let stage = settings.merchants.iter().filter(|m| m.card.base_url.contains("-stage.ecpay.com.tw"));
    let told = |id: &str| {
        let found = language.pick(
            format!("merchant {id} is at ECPay's stage, which takes neither captures nor refunds"),
            format!("特店 {id} 設的是綠界測試環境，不能關帳，也不能退刷"),
        );
        let mend = language.pick(
            format!("for production set base_url = \"{}\" and the keys of your contract", crate::config::PRODUCTION),
            format!("正式環境請設 base_url = \"{}\" 與合約的金鑰", crate::config::PRODUCTION),
        );
        Check::warning(Code::StageGateway, found, mend).about(id)
    };
    stage.map(|merchant| told(merchant.merchant_id.as_str())).collect()
}
