//! How the codes of a subject are written down: once, with their arguments and what they mean.

/// A code, its arguments, and what it means in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub args: &'static [&'static str],
    line: &'static str,
}

impl Code {
    pub(super) const fn new(code: &'static str, args: &'static [&'static str], line: &'static str) -> Self {
        Self { code, args, line }
    }

    pub fn meaning(&self) -> &'static str {
        self.line.trim_start()
    }
}

/// What some codes have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub(super) about: &'static str,
    pub codes: &'static [Code],
}

impl Subject {
    pub fn about(&self) -> &'static str {
        self.about.trim_start()
    }
}

/// An enum of reasons: `Variant = "code" { argument: Type }`, each with its meaning as its comment.
macro_rules! reasons {
    (#[doc = $about:literal] $name:ident {
        $(#[doc = $line:literal] $variant:ident = $code:literal $({ $($arg:ident: $type:ty),+ $(,)? })?),+ $(,)?
    }) => {
        #[doc = $about]
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "code")]
        pub enum $name {
            $(#[doc = $line] #[serde(rename = $code)] $variant $({ $($arg: $type),+ })?),+
        }

        impl $name {
            pub(super) const ABOUT: &'static str = $about;

            pub const CODES: &'static [crate::domain::reason::Code] =
                &[$(crate::domain::reason::Code::new($code, &[$($(stringify!($arg)),+)?], $line)),+];

            pub fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code),+ }
            }

            /// One of each, with some value for each argument.
            #[cfg(test)]
            pub(super) fn samples() -> Vec<crate::domain::reason::Reason> {
                vec![$(Self::$variant $({ $($arg: crate::domain::reason::tests::Sample::sample()),+ })?.into()),+]
            }
        }

        impl From<$name> for crate::domain::reason::Reason {
            fn from(reason: $name) -> Self {
                Self::$name(reason)
            }
        }

        impl From<$name> for Box<crate::domain::reason::Reason> {
            fn from(reason: $name) -> Self {
                Box::new(reason.into())
            }
        }
    };
}
pub(crate) use reasons;
