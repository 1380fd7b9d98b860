//! Mail, handed to a server by SMTP.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

use super::bounded::Bounded;
use super::cause::{is_of_tls, root};
use super::not_sent::{NotSent, at_hand, masked_words};
use crate::config::{SmtpSettings, SmtpTls};
use crate::deliver::message::Message;
use crate::domain::quote::one_line;

/// A talk takes less than a tenth of it, certificates and all.
const LONGEST_TALK_BYTES: usize = 64 * 1024;
const LONGEST_SUBJECT: usize = 200;
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// A server that has taken a mail need not answer our good-bye.
const LONGEST_GOODBYE: Duration = Duration::from_millis(500);

pub(super) struct Smtp {
    host: String,
    port: u16,
    tls: SmtpTls,
    parameters: Option<TlsParameters>,
    login: Option<Login>,
    from: Mailbox,
    to: Vec<Mailbox>,
    limit: Duration,
}

struct Login {
    credentials: Credentials,
    password: String,
}

impl Smtp {
    pub(super) fn new(settings: &SmtpSettings, limit: Duration) -> Result<Self, String> {
        let login = settings.login.as_ref().map(|login| {
            let password = at_hand(&login.password)?.to_owned();
            let credentials = Credentials::new(login.username.clone(), password.clone());
            Ok::<_, String>(Login { credentials, password })
        });
        let parameters = match settings.tls {
            SmtpTls::None => None,
            SmtpTls::StartTls | SmtpTls::Tls => {
                let made = TlsParameters::new(settings.host.clone());
                Some(made.map_err(|error| format!("tls cannot be set up: {error}"))?)
            }
        };
        let mailbox = |text: &String| text.parse().map_err(|_| "its mail addresses cannot be read".to_owned());
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            tls: settings.tls,
            parameters,
            login: login.transpose()?,
            from: mailbox(&settings.from)?,
            to: settings.to.iter().map(mailbox).collect::<Result<_, _>>()?,
            limit,
        })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let mail = self.mail(message).map_err(|why| NotSent::because(format!("the mail cannot be written: {why}")))?;
        let sent = tokio::time::timeout(self.limit, self.hand_over(&mail)).await;
        let late = || format!("{} did not answer within {}", self.host, humantime::format_duration(self.limit));
        let mut connection = sent.unwrap_or_else(|_| Err(late())).map_err(NotSent::because)?;
        let _ = tokio::time::timeout(LONGEST_GOODBYE, connection.abort()).await;
        Ok(())
    }

    /// The connection by which the mail has gone.
    async fn hand_over(&self, mail: &Mail) -> Result<AsyncSmtpConnection, String> {
        let mut connection = match (self.tls, &self.parameters) {
            (SmtpTls::Tls, Some(parameters)) => self.connect_by_tls(parameters.clone()).await?,
            (SmtpTls::StartTls, Some(parameters)) => self.connect_and_start_tls(parameters.clone()).await?,
            _ => self.connect().await?,
        };
        if let Some(login) = &self.login {
            connection.auth(&MECHANISMS, &login.credentials).await.map_err(|error| self.told(&error))?;
        }
        say(&mut connection, mail).await.map_err(|error| self.told(&error))?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|error| format!("{} cannot be reached: {error}", self.host))?;
        let stream = Box::new(Bounded::new(stream, LONGEST_TALK_BYTES));
        let connected = AsyncSmtpConnection::connect_with_transport(stream, &ClientId::default()).await;
        connected.map_err(|error| self.told(&error))
    }

    async fn connect_and_start_tls(&self, parameters: TlsParameters) -> Result<AsyncSmtpConnection, String> {
        let mut connection = self.connect().await?;
        if !connection.can_starttls() {
            return Err(format!("{} does not offer STARTTLS, and nothing is sent in clear", self.host));
        }
        connection.starttls(parameters, &ClientId::default()).await.map_err(|error| self.told(&error))?;
        Ok(connection)
    }

    /// Here lettre makes the stream, and what the server says is bounded by the time alone.
    async fn connect_by_tls(&self, parameters: TlsParameters) -> Result<AsyncSmtpConnection, String> {
        let (address, hello) = ((self.host.as_str(), self.port), ClientId::default());
        let connected = AsyncSmtpConnection::connect_tokio1(address, None, &hello, Some(parameters), None).await;
        connected.map_err(|error| self.told(&error))
    }

    fn mail(&self, message: &Message) -> Result<Mail, String> {
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let mut mail = Mail::builder()
            .from(self.from.clone())
            .date(SystemTime::from(message.at))
            .message_id(Some(format!("<{}@{}>", number(&message.id), self.from.email.domain())))
            .subject(one_line(&message.title, LONGEST_SUBJECT))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        mail.body(message.text.clone()).map_err(|error| error.to_string())
    }

    /// The server's own words, with its number where it has one.
    fn told(&self, error: &Error) -> String {
        let host = &self.host;
        let why = masked_words(&root(error), self.login.as_ref().map(|login| login.password.as_str()));
        match error.status() {
            Some(code) => format!("{host} refuses the mail (smtp {code}): {why}"),
            None if is_of_tls(error) => format!("{host} is not trusted: {why}"),
            None => format!("{host} cannot be spoken to: {why}"),
        }
    }
}

/// Step by step: lettre's own sending says good-bye to a server that refuses, and waits for its answer
/// before it tells why.
async fn say(connection: &mut AsyncSmtpConnection, mail: &Mail) -> Result<(), Error> {
    let envelope = mail.envelope();
    connection.command(MailFrom::new(envelope.from().cloned(), Vec::new())).await?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await?;
    }
    connection.command(Data).await?;
    connection.message(&mail.formatted()).await?;
    Ok(())
}

/// The same for all tries, so that a reader of mail shows a double once.
fn number(id: &str) -> String {
    Sha256::digest(id.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::alert::Severity;

    #[test]
    fn no_title_becomes_a_header_of_its_own() {
        let settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: 25,
            tls: SmtpTls::None,
            login: None,
            from: "shop@shop.example".to_owned(),
            to: vec!["owner@shop.example".to_owned()],
        };
        let message = Message {
            id: "1".to_owned(),
            at: DateTime::UNIX_EPOCH,
            severity: Severity::Notice,
            title: "a\r\nBcc: thief@x.example\r\n\r\nb".to_owned(),
            text: "c".to_owned(),
            json: serde_json::Value::Null,
        };
        let smtp = Smtp::new(&settings, Duration::from_secs(1)).expect("a mail server");
        let mail = smtp.mail(&message).expect("a mail");
        let text = String::from_utf8(mail.formatted()).expect("text");
        assert!(text.contains("\r\nSubject: a  Bcc: thief@x.example    b\r\n") && !text.contains("\r\nBcc"), "{text}");
        assert_eq!(mail.envelope().to().len(), 1);
    }
}
