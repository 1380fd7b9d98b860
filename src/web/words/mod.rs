//! The page's own words. A language in which one of them is missing does not compile.

mod en;
mod needed;
mod zh;

pub use self::en::EN;
pub use self::needed::Words;
use self::zh::ZH;
use super::sentences::Lang;

impl Words {
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Zh => &ZH,
        }
    }
}
