//! Why a daemon is not well, in Chinese.

use crate::domain::reason::Condition;

pub(super) fn condition(reason: &Condition) -> String {
    match reason {
        Condition::NeverRan => "這份帳本還沒有服務執行過".to_owned(),
        Condition::Stopped { since } => format!("服務已於 {since} 停止：請啟動"),
        Condition::NoPass { since } => format!("自 {since} 起沒有一輪完成：服務卡住、被強制結束，或無法寫入帳本"),
        Condition::DiskFull { percent } => format!("帳本所在的磁碟只剩 {percent} %：請騰出空間"),
        Condition::GatewayDown { services } => format!("綠界沒有回應（{services} 個服務）"),
        Condition::ClocksApart { services } => format!("綠界與我方的時鐘不一致（{services} 個服務）：不動款項"),
        Condition::DeliveriesStuck { messages } => format!("{messages} 則通知還送不到"),
        Condition::MoneyPaused { merchants } => format!("{merchants} 家特店的金額動作已暫停"),
        Condition::MerchantsSilent { merchants } => format!("綠界要求靜默：{merchants} 家特店暫停呼叫"),
    }
}
