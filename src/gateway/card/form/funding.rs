//! `CreditDetail/FundingReconDetail`, the statement of captures and refunds by card for orders of 全方位金流 (vendor page
//! 信用卡撥款對帳資料檔, ?p=2898): a file, whoever asks for it from an address that is in the dashboard's list.

use chrono::NaiveDate;

use super::Form;
use crate::gateway::caller::Errand;
use crate::gateway::card::media::{MediaDates, MediaDays, MediaError, file_of};

pub const PATH: &str = "/CreditDetail/FundingReconDetail";

impl Form<'_> {
    /// The card rows of some days, in Big5 unless the vendor says otherwise.
    pub async fn funding(&self, dates: MediaDates, days: MediaDays) -> Result<Vec<u8>, MediaError> {
        let text = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
        let (from, to) = (text(days.from()), text(days.to()));
        let dates = match dates {
            MediaDates::Settled => "close",
            MediaDates::PaidOut => "enter",
        };
        let merchant_id = self.caller.merchant_id.as_str();
        let fields = [("MerchantID", merchant_id), ("PayDateType", dates), ("StartDate", &from), ("EndDate", &to)];
        let answer = self.post(PATH, &fields, &self.caller.keys(), Errand::Statement).await?;
        file_of(answer.body)
    }
}
