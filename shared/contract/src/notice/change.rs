use serde::{Deserialize, Serialize};

use crate::language::Language;

macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
        /// The rule by which a clean value differs from the content of its cell.
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
    /// Spaces at the ends, and double or non-breaking ones.
    SpacesTidied "spaces_tidied" "espaços arrumados" "spaces tidied";
    /// Letters garbled by a wrong encoding.
    LettersRepaired "letters_repaired" "letras recompostas" "letters repaired";
    /// Letters and accents joined, because Unicode can write them in two ways.
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
    /// The minus in a column of discounts that all have one.
    MinusDropped "minus_dropped" "sinal de menos dispensado: a coluna toda o tem" "minus dropped: the whole column has it";
    /// A percentage of another value.
    Percent "percent" "percentual convertido em valor" "percentage converted to an amount";
    /// More decimal places than money or quantities have.
    Rounded "rounded" "arredondado" "rounded";
    /// A day typed as text.
    DayFromText "day_from_text" "data escrita como texto" "day typed as text";
    /// A day as a number, in Excel's day count.
    DayFromNumber "day_from_number" "data contada em dias, como o Excel faz" "day counted as Excel does";
    /// Day and month of a date cell swapped back, because a spreadsheet program had swapped them.
    DayAndMonthSwapped "day_and_month_swapped" "dia e mês destrocados" "day and month swapped back";
    /// Day and time from two columns.
    DayAndTimeJoined "day_and_time_joined" "data e hora juntadas" "day and time joined";
    /// No column has it: the time of arrival, a quantity of one, an amount of zero, a whole order.
    Assumed "assumed" "suposto: a planilha não diz" "assumed: the sheet does not say";
    /// Left blank because the value above is repeated.
    FilledDown "filled_down" "levado da linha de cima" "taken from the row above";
    /// No column has it, but a title does.
    FromTitle "from_title" "lido do título" "read from the title";
    /// No column has the date, but a person gave it.
    DayGiven "day_given" "data informada por uma pessoa para o arquivo" "date given by a person for the file";
    /// Read but not counted, because the price already has the discount off, or the day already has its time.
    OtherColumnCounts "other_column_counts" "não contado: outra coluna já o traz" "not counted: another column has it already";
    /// Computed from other columns.
    Computed "computed" "calculado a partir de outras colunas" "worked out from other columns";
    /// The share of the line in a discount of the whole order.
    ShareOfOrder "share_of_order" "parte da linha no desconto do pedido" "the line's share of the order's discount";
    /// Freight and the like came off the total of the order.
    FreightTakenOff "freight_taken_off" "frete e acréscimos descontados do total" "freight and the like taken off the total";
    /// A return or credit above zero that takes a sale back.
    TakesSaleBack "takes_sale_back" "devolução ou crédito: conta abaixo de zero" "a return or a credit: it counts below zero";
    /// Money that was returned came off.
    RefundTakenOff "refund_taken_off" "valor devolvido descontado" "returned money taken off";
    /// Dots, dashes and other punctuation in an identifying number.
    PunctuationRemoved "punctuation_removed" "pontuação retirada" "punctuation removed";
    /// Leading zeros that the spreadsheet had dropped.
    ZerosRestored "zeros_restored" "zeros à esquerda devolvidos" "leading zeros restored";
    /// Lower-case letters.
    LowerCased "lower_cased" "em minúsculas" "in lower case";
    /// A word of the sheet replaced by one of ours.
    WordRecognised "word_recognised" "palavra reconhecida" "word recognised";
    /// A word that matches none of ours.
    WordUnknown "word_unknown" "palavra desconhecida, ficou como Outros" "unknown word, kept as Other";
    /// Longer than its field allows.
    Shortened "shortened" "cortado: longo demais" "cut: too long";
    /// The content of the cell is not a value of this kind.
    LeftOut "left_out" "deixado de fora: não pôde ser lido" "left out: it could not be read";
}
