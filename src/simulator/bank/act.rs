//! An action asked for: judged, done if it is legal, and written down either way.

use chrono::{DateTime, Utc};

use super::{ActionRecord, Ask, Bank, Refusal, rules};

impl Bank {
    /// Judges an action, does it if it is legal, and writes it down either way.
    pub fn act(&mut self, ask: &Ask) -> Result<(), Refusal> {
        self.judge_and_note(ask, None)
    }

    /// The same of an action whose request came at `asked_at`, and that takes effect only now.
    pub fn act_late(&mut self, ask: &Ask, asked_at: DateTime<Utc>) -> Result<(), Refusal> {
        self.judge_and_note(ask, Some(asked_at))
    }

    /// Writes down an action that came when its request was too old to be acted on.
    pub fn note_too_late(&mut self, ask: &Ask, asked_at: DateTime<Utc>) {
        self.advance(ask.at);
        self.note(ask, Some(asked_at), Some("Timestamp Error".to_owned()));
    }

    fn judge_and_note(&mut self, ask: &Ask, asked_at: Option<DateTime<Utc>>) -> Result<(), Refusal> {
        self.advance(ask.at);
        let place = self.book.place(&ask.merchant_id, &ask.merchant_trade_no);
        let done = place.ok_or(Refusal::NotFound).and_then(|place| self.try_act(place, ask));
        self.note(ask, asked_at, done.err().map(|refusal| refusal.to_string()));
        done
    }

    fn note(&mut self, ask: &Ask, asked_at: Option<DateTime<Utc>>, refused: Option<String>) {
        if let Some(place) = self.book.place(&ask.merchant_id, &ask.merchant_trade_no) {
            self.book.note_action(place, self.actions.len());
        }
        self.actions.push(ActionRecord {
            at: ask.at,
            asked_at,
            by: ask.by,
            merchant_id: ask.merchant_id.clone(),
            merchant_trade_no: ask.merchant_trade_no.clone(),
            trade_no: ask.trade_no.as_str().to_owned(),
            action: ask.action,
            amount: ask.amount,
            effect: refused.is_none(),
            refused,
        });
    }

    fn try_act(&mut self, place: usize, ask: &Ask) -> Result<(), Refusal> {
        let terms = self.merchants.get_mut(&ask.merchant_id).ok_or(Refusal::NotFound)?;
        let order = self.book.at_mut(place);
        if order.authorizations.is_empty() {
            return Err(rules::without_authorization(order));
        }
        let authorization = order.authorization(Some(&ask.trade_no)).ok_or(Refusal::NotFound)?;
        rules::judge(ask, order, authorization, terms)?;
        let mut acted = order.authorizations.iter_mut().filter(|a| a.trade_no == ask.trade_no);
        let authorization = acted.next().ok_or(Refusal::NotFound)?;
        rules::apply(ask, authorization, terms);
        self.live(place, ask.at);
        Ok(())
    }
}
