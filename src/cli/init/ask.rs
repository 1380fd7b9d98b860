//! The questions: to a person at a terminal, who is asked again, or to lines that are piped in, which are refused.

use std::io::{BufRead as _, IsTerminal as _, Lines, StdinLock, Write as _};

use secrecy::SecretString;

use crate::cli::Failure;
use crate::config::card_key;
use crate::domain::api::CardApi;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;

pub(super) struct Source {
    language: Language,
    is_terminal: bool,
    lines: Lines<StdinLock<'static>>,
    /// What counts as answered where the lines have ended. None: they have to go on.
    at_end: Option<String>,
}

impl Source {
    pub(super) fn new(language: Language) -> Self {
        let stdin = std::io::stdin();
        Self { language, is_terminal: stdin.is_terminal(), lines: stdin.lock().lines(), at_end: None }
    }

    pub(super) fn merchant_id(&mut self) -> Result<MerchantId, Failure> {
        let question = self.language.pick("Merchant number (MerchantID): ", "特店編號（MerchantID）：");
        self.answer("the merchant number", question, false, |text| {
            MerchantId::parse(text).map_err(|_| "must be 1 to 10 letters and digits, as ECPay gave it".to_owned())
        })
    }

    pub(super) fn key(&mut self, name: &str, base_url: &str) -> Result<SecretString, Failure> {
        let hidden = self.language.pick(" (not shown while you type): ", "（輸入時不顯示）：");
        self.answer(&format!("the {name}"), &format!("{name}{hidden}"), true, |text| {
            card_key(text, base_url).map(|()| text.into())
        })
    }

    pub(super) fn daily_auto_close(&mut self) -> Result<bool, Failure> {
        let question = self.language.pick(
            "Is 每日自動關帳 (daily auto close) on in ECPay's dashboard? yes or no: ",
            "廠商後台的「每日自動關帳」有開嗎？yes 或 no：",
        );
        self.answer("每日自動關帳", question, false, |text| match text.to_lowercase().as_str() {
            "yes" | "y" | "是" => Ok(true),
            "no" | "n" | "否" => Ok(false),
            _ => Err("must be yes or no".to_owned()),
        })
    }

    /// Nothing, from a person or from lines that have ended, is JSON.
    pub(super) fn api(&mut self) -> Result<CardApi, Failure> {
        let question = self.language.pick(
            "Which of ECPay's products makes the orders: form, 全方位金流 (AIO), as most plugins; json, 站內付 2.0 and the others. form or json [json]: ",
            "訂單由綠界的哪一種產品建立：form 是全方位金流（AIO），多數外掛都是；json 是站內付 2.0 與其他產品。form 或 json [json]：",
        );
        self.at_end = Some(String::new());
        self.answer("the API", question, false, |text| match text.to_lowercase().as_str() {
            "form" => Ok(CardApi::Form),
            "json" | "" => Ok(CardApi::Json),
            _ => Err("must be form or json; docs/products.md tells which is yours".to_owned()),
        })
    }

    fn answer<T>(
        &mut self,
        name: &str,
        question: &str,
        is_secret: bool,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        loop {
            let text = self.read(name, question, is_secret)?;
            match check(text.trim()) {
                Ok(answer) => return Ok(answer),
                Err(why) if self.is_terminal => anstream::eprintln!("{name} {why}"),
                Err(why) => return Err(Failure::Usage(format!("{name} {why}; nothing was written"))),
            }
        }
    }

    fn read(&mut self, name: &str, question: &str, is_secret: bool) -> Result<String, Failure> {
        let ended = || Failure::Usage(format!("standard input ends before {name}; nothing was written"));
        let cannot = |error| Failure::Problem(format!("{name} cannot be read: {error}"));
        if self.is_terminal && is_secret {
            return rpassword::prompt_password(question).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => ended(),
                _ => cannot(error),
            });
        }
        if self.is_terminal {
            // Not a part of what the command prints.
            anstream::eprint!("{question}");
            std::io::stderr().flush().map_err(cannot)?;
        }
        match self.lines.next() {
            Some(line) => line.map_err(cannot),
            None => self.at_end.clone().ok_or_else(ended),
        }
    }
}
