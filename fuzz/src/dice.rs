//! Choices read off the fuzzer's bytes; all zero once they are used up.

pub struct Dice<'d> {
    bytes: &'d [u8],
}

impl<'d> Dice<'d> {
    pub fn new(bytes: &'d [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    /// 0 to `bound` less one.
    pub fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    pub fn number(&mut self) -> i64 {
        i64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// At most `longest` bytes, as many as the next byte says.
    pub fn some(&mut self, longest: u8) -> &'d [u8] {
        let length = usize::from(self.below(longest)).min(self.bytes.len());
        let (some, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        some
    }
}
