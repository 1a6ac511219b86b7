use serde::{Deserialize, Serialize};

use crate::language::Language;

macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
        /// The rule by which a clean value differs from what its cell holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Change { $($(#[$doc])* $name,)* }

        impl Change {
            /// The name used in JSON and logs.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The rule in a few plain words.
            #[must_use]
            pub fn sentence(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($portuguese, $english),)* }
            }
        }
    };
}

changes! {
    /// Spaces at the ends, double or unbreakable ones.
    SpacesTidied "spaces_tidied" "espaços arrumados" "spaces tidied";
    /// Letters that a wrong encoding had garbled.
    LettersRepaired "letters_repaired" "letras recompostas" "letters repaired";
    /// Letters and accents that Unicode writes in two ways, joined.
    AccentsJoined "accents_joined" "letras e acentos juntados" "letters and accents joined";
    /// A number typed as text.
    NumberFromText "number_from_text" "número escrito como texto" "number typed as text";
    /// A currency sign or name.
    CurrencyRemoved "currency_removed" "símbolo de moeda retirado" "currency sign removed";
    /// A unit of measure behind a quantity.
    MeasureRemoved "measure_removed" "unidade de medida retirada" "unit of measure removed";
    /// A comma for decimals, or points for thousands.
    DecimalComma "decimal_comma" "vírgula decimal" "decimal comma";
    /// A point for decimals, or commas for thousands.
    DecimalPoint "decimal_point" "ponto decimal" "decimal point";
    /// Parentheses or a minus at the end.
    NegativeStyle "negative_style" "negativo entre parênteses ou com sinal no fim" "negative in parentheses or with a minus at the end";
    /// The minus of a column of discounts that all have one.
    MinusDropped "minus_dropped" "sinal de menos dispensado: a coluna toda o tem" "minus dropped: the whole column has it";
    /// A share of something.
    Percent "percent" "percentual convertido em valor" "percentage made an amount";
    /// More decimals than money or quantities have.
    Rounded "rounded" "arredondado" "rounded";
    /// A day typed as text.
    DayFromText "day_from_text" "data escrita como texto" "day typed as text";
    /// A day written as Excel counts days.
    DayFromNumber "day_from_number" "data contada em dias, como o Excel faz" "day counted as Excel does";
    /// Day and time from two columns.
    DayAndTimeJoined "day_and_time_joined" "data e hora juntadas" "day and time joined";
    /// No column says it: the time of arrival, a quantity of one, an amount of zero, a whole order.
    Assumed "assumed" "suposto: a planilha não diz" "assumed: the sheet does not say";
    /// Left blank because it says the same as above.
    FilledDown "filled_down" "levado da linha de cima" "taken from the row above";
    /// No column says it, but a title does.
    FromTitle "from_title" "lido do título" "read from the title";
    /// No column says when, but a person did.
    DayGiven "day_given" "data informada por uma pessoa para o arquivo" "date given by a person for the file";
    /// Read, and not counted: the price has the discount off already, or the day has its time.
    OtherColumnCounts "other_column_counts" "não contado: outra coluna já o traz" "not counted: another column has it already";
    /// Worked out from other columns.
    Computed "computed" "calculado a partir de outras colunas" "worked out from other columns";
    /// Dots, dashes and the like in a number that names something.
    PunctuationRemoved "punctuation_removed" "pontuação retirada" "punctuation removed";
    /// Zeros at the start that the spreadsheet had dropped.
    ZerosRestored "zeros_restored" "zeros à esquerda devolvidos" "leading zeros restored";
    /// Small letters.
    LowerCased "lower_cased" "em minúsculas" "in lower case";
    /// A word of the sheet's for one of ours.
    WordRecognised "word_recognised" "palavra reconhecida" "word recognised";
    /// A word that is none of ours.
    WordUnknown "word_unknown" "palavra desconhecida, ficou como Outros" "unknown word, kept as Other";
    /// Longer than its field may be.
    Shortened "shortened" "cortado: longo demais" "cut: too long";
    /// What the cell holds is no value of its kind.
    LeftOut "left_out" "deixado de fora: não pôde ser lido" "left out: it could not be read";
}
