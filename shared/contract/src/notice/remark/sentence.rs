//! The sentence for each remark, in both languages.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::{quoted, rows};
use super::{DiscountReading, Remark};
use crate::calendar::to_local;
use crate::format::date_time;
use crate::language::Language;

impl Remark {
    /// Whether a person should check the remark. The others only report what was done.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        match self {
            Self::DateAssumed { .. }
            | Self::DateGiven { in_title: false, .. }
            | Self::AmountDiffers { .. }
            | Self::DocumentsDoubtful { .. }
            | Self::PaymentsUnknown { .. }
            | Self::ValuesLeftOut { .. }
            | Self::TextsShortened { .. }
            | Self::QuotesUnbalanced
            | Self::DaysSwappedBack { .. }
            | Self::FormulasWithoutValue { .. }
            | Self::FilledDown { .. }
            | Self::ControlDiffers { .. }
            | Self::OrderIdsLocal { .. }
            | Self::OrderLinesReplaced { .. } => true,
            // No proof is needed if the discount was read as money, because discounts are usually money.
            Self::DiscountRead { reading, proofs, .. } => *proofs == 0 && *reading != DiscountReading::Money,
            Self::DecimalMark { comma_proofs, point_proofs, .. } => *comma_proofs == 0 && *point_proofs == 0,
            Self::DateOrder { day_proofs, month_proofs, .. } => *day_proofs == 0 && *month_proofs == 0,
            _ => false,
        }
    }

    /// The remark in a plain sentence, with times in the zone of its readers.
    #[must_use]
    pub fn sentence(&self, language: Language, zone: Tz) -> String {
        let time = |at: DateTime<Utc>| date_time(to_local(at, zone), language);
        let portuguese = language == Language::Portuguese;
        match self {
            Self::DateAssumed { at, rows: Some(count) } => {
                let (at, rows) = (time(*at), rows(*count, language));
                if portuguese {
                    format!("Sem data em {rows}: foi usada a hora da chegada ({at}).")
                } else {
                    format!("No date on {rows}: the time of arrival ({at}) was used.")
                }
            }
            Self::DateAssumed { at, rows: None } => {
                let at = time(*at);
                if portuguese {
                    format!("Nenhuma coluna traz a data: foi usada a hora da chegada ({at}).")
                } else {
                    format!("No column has the date: the time of arrival ({at}) was used.")
                }
            }
            Self::QuantityAssumed => language
                .pick(
                    "Não há coluna de quantidade: cada linha conta 1 unidade.",
                    "There is no quantity column: each row counts 1 unit.",
                )
                .to_owned(),
            Self::AmountComputed { rows: count } => {
                let rows = rows(*count, language);
                if portuguese {
                    format!("Sem total em {rows}: calculado como quantidade × preço unitário − desconto.")
                } else {
                    format!("No total on {rows}: computed as quantity × unit price − discount.")
                }
            }
            Self::AmountDiffers { rows: count } => {
                let rows = rows(*count, language);
                if portuguese {
                    format!(
                        "Em {rows}, quantidade × preço − desconto não é igual ao total da planilha; foi usado o total da planilha."
                    )
                } else {
                    format!(
                        "On {rows}, quantity × price − discount does not equal the sheet's total; the sheet's total was used."
                    )
                }
            }
            Self::DecimalMark { column, comma, comma_proofs, point_proofs } => {
                let mark = match (comma, portuguese) {
                    (true, true) => "a vírgula",
                    (false, true) => "o ponto",
                    (true, false) => "the comma",
                    (false, false) => "the point",
                };
                if portuguese {
                    format!(
                        "\"{column}\": {mark} separa os decimais ({comma_proofs} valores provam a vírgula, {point_proofs} o ponto)."
                    )
                } else {
                    format!(
                        "\"{column}\": {mark} separates decimals ({comma_proofs} values prove the comma, {point_proofs} the point)."
                    )
                }
            }
            Self::DiscountRead { column, reading, proofs } => {
                let reading = match (reading, portuguese) {
                    (DiscountReading::Money, true) => "em dinheiro",
                    (DiscountReading::Fraction, true) => "como fração (0,1 é 10 %)",
                    (DiscountReading::Percent, true) => "em porcentagem",
                    (DiscountReading::Included, true) => "como já incluído no preço",
                    (DiscountReading::Included, false) => "as already included in the price",
                    (DiscountReading::Money, false) => "as money",
                    (DiscountReading::Fraction, false) => "as a fraction (0.1 is 10%)",
                    (DiscountReading::Percent, false) => "as a percentage",
                };
                let proofs = rows(*proofs, language);
                if portuguese {
                    format!("\"{column}\": desconto lido {reading} ({proofs} provam isso).")
                } else {
                    format!("\"{column}\": discount read {reading} ({proofs} prove it).")
                }
            }
            Self::QuotesUnbalanced => language
                .pick(
                    "Há no texto aspas que não se fecham; por isso, cada linha foi lida separadamente.",
                    "A quotation mark in the text is never closed, so each line was read by itself.",
                )
                .to_owned(),
            Self::DateOrder { column, day_first, day_proofs, month_proofs } => {
                let order = match (day_first, portuguese) {
                    (true, true) => "dia/mês",
                    (false, true) => "mês/dia",
                    (true, false) => "day/month",
                    (false, false) => "month/day",
                };
                if portuguese {
                    format!(
                        "\"{column}\": datas lidas como {order} ({day_proofs} valores provam dia/mês, {month_proofs} mês/dia)."
                    )
                } else {
                    format!(
                        "\"{column}\": dates read as {order} ({day_proofs} values prove day/month, {month_proofs} month/day)."
                    )
                }
            }
            Self::DaysSwappedBack { column, rows: count } => {
                let rows = rows(*count, language);
                if portuguese {
                    format!(
                        "\"{column}\": um programa de planilhas trocou dia e mês em {rows}, como as datas em texto provam, e eles foram destrocados."
                    )
                } else {
                    format!(
                        "\"{column}\": a spreadsheet program had swapped day and month on {rows}, as the days in texts prove, and they were swapped back."
                    )
                }
            }
            Self::UnknownColumns { columns, more } => {
                let names = quoted(columns, 20, language);
                match (portuguese, more) {
                    (true, 0) => format!("Colunas que não foram usadas: {names}."),
                    (false, 0) => format!("Columns that were not used: {names}."),
                    (true, more) => format!("Colunas que não foram usadas: {names} e mais {more}."),
                    (false, more) => format!("Columns that were not used: {names}, and {more} more."),
                }
            }
            Self::LayoutApplied { by, at } => {
                let at = crate::format::date(to_local(*at, zone).date(), language);
                match (portuguese, by.is_empty()) {
                    (true, false) => {
                        format!("Colunas lidas como {by} decidiu em {at} para planilhas com este cabeçalho.")
                    }
                    (true, true) => format!(
                        "Colunas lidas como decidido na linha de comando em {at} para planilhas com este cabeçalho."
                    ),
                    (false, false) => format!("Columns read as {by} decided on {at} for sheets with this header."),
                    (false, true) => {
                        format!("Columns read as decided on the command line on {at} for sheets with this header.")
                    }
                }
            }
            Self::DateGiven { day, in_title } => {
                let day = crate::format::date(*day, language);
                match (portuguese, in_title) {
                    (true, false) => format!("Nenhuma coluna traz a data: o layout dá {day} a todas as vendas."),
                    (true, true) => {
                        format!("Nenhuma coluna traz a data: foi usado o fim do período do título ({day}).")
                    }
                    (false, false) => format!("No column has the date: the layout gives {day} to every sale."),
                    (false, true) => {
                        format!("No column has the date: the end of the period in the title ({day}) was used.")
                    }
                }
            }
            Self::SheetNotChosen { sheet } => {
                if portuguese {
                    format!("A aba \"{sheet}\" não foi importada, porque o layout não a inclui.")
                } else {
                    format!("The sheet \"{sheet}\" was not imported, because the layout does not include it.")
                }
            }
            Self::SheetIgnored { sheet } => {
                if portuguese {
                    format!("A aba \"{sheet}\" não foi importada, porque não tem vendas.")
                } else {
                    format!("The sheet \"{sheet}\" was not imported, because it has no sales.")
                }
            }
            Self::HiddenSheetRead { sheet } => {
                if portuguese {
                    format!("A aba oculta \"{sheet}\" foi importada, porque tem vendas.")
                } else {
                    format!("The hidden sheet \"{sheet}\" was imported, because it has sales.")
                }
            }
            Self::MacrosIgnored => language
                .pick("A planilha tem macros; nenhuma foi executada.", "The workbook has macros; none was run.")
                .to_owned(),
            Self::FormulasWithoutValue { count } => {
                let count = crate::format::count(i64::try_from(*count).unwrap_or(i64::MAX), language);
                if portuguese {
                    format!(
                        "Fórmulas sem resultado gravado, lidas como vazias: {count}; abra a planilha e salve de novo."
                    )
                } else {
                    format!(
                        "Formulas without a stored value, read as empty: {count}; open the workbook and save it again."
                    )
                }
            }
            Self::TextRead { encoding, delimiter } => {
                if portuguese {
                    format!("Texto lido como {encoding}, colunas separadas por {delimiter}.")
                } else {
                    format!("Text read as {encoding}, columns separated by {delimiter}.")
                }
            }
            Self::BlankRows { rows: count } => {
                format!("{}{}.", rows(*count, language), language.pick(" em branco", " blank"))
            }
            Self::RepeatedHeaders { rows: count } => {
                format!("{}{}.", rows(*count, language), language.pick(" repetem o cabeçalho", " repeating the header"))
            }
            Self::TotalRows { rows: count } => {
                let what = language.pick(" de total, não contadas como vendas", " of totals, not counted as sales");
                format!("{}{what}.", rows(*count, language))
            }
            Self::TitleRows { rows: count } => {
                let what = language.pick(" de títulos e notas", " of titles and notes");
                format!("{}{what}.", rows(*count, language))
            }
            Self::ControlAgrees { rows: count } => {
                let what =
                    language.pick(" de total conferem com a soma das linhas", " of totals agree with the rows' sum");
                format!("{}{what}.", rows(*count, language))
            }
            Self::ControlDiffers { row, says, adds } => {
                let (says, adds) = (crate::format::money(*says, language), crate::format::money(*adds, language));
                if portuguese {
                    format!("A linha {row} diz que o total é {says}, mas as linhas somam {adds}.")
                } else {
                    format!("Row {row} says that the total is {says}, but the rows add up to {adds}.")
                }
            }
            Self::AmountMissing { rows: count, first } => {
                let rows = rows(*count, language);
                let places = first.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                let more = if first.len() as u64 == *count { "" } else { "…" };
                if portuguese {
                    format!("{rows} sem valor, guardadas como vendas de valor zero (linhas {places}{more}).")
                } else {
                    format!("{rows} without a value, kept as sales of zero (rows {places}{more}).")
                }
            }
            Self::DiscountIncluded { column, lower, others } => {
                if portuguese {
                    format!(
                        "\"{column}\": o preço já inclui o desconto; por isso, nada foi subtraído (em {lower} comparações do mesmo produto o desconto maior acompanha o preço menor; em {others}, não)."
                    )
                } else {
                    format!(
                        "\"{column}\": the price already includes the discount, so nothing was subtracted (in {lower} comparisons of the same product the larger discount goes with the lower price, in {others} it does not)."
                    )
                }
            }
            Self::ProductFromCategory { column } => {
                if portuguese {
                    format!("Nenhuma coluna traz o produto: foi usada a categoria (\"{column}\").")
                } else {
                    format!("No column names the product: the category (\"{column}\") was used.")
                }
            }
            Self::ProductFromOrder { column } => {
                if portuguese {
                    format!("Nenhuma coluna traz o produto: cada linha é um pedido inteiro (\"{column}\").")
                } else {
                    format!("No column names the product: each row is a whole order (\"{column}\").")
                }
            }
            Self::ProductBlank { column, rows: count } => {
                let rows = rows(*count, language);
                if portuguese {
                    format!(
                        "\"{column}\" está em branco, e a situação diz que houve venda: {rows} valem como \"Pedido\"."
                    )
                } else {
                    format!("\"{column}\" is blank and the status says that it was sold: {rows} kept as \"Pedido\".")
                }
            }
            Self::OrderByContents { column } => {
                if portuguese {
                    format!("\"{column}\" é o número do pedido: nenhuma linha tem o de outra.")
                } else {
                    format!("\"{column}\" is the number of the order: no row has that of another.")
                }
            }
            Self::TotalIsCost { column } => {
                if portuguese {
                    format!("\"{column}\" é o total: os pedidos têm cliente e não há outro valor.")
                } else {
                    format!("\"{column}\" is the total: the orders have a customer and there is no other money.")
                }
            }
            Self::ProductFromTitles => language
                .pick(
                    "O produto foi lido do título acima de cada bloco de linhas.",
                    "The product was read from the title above each block of rows.",
                )
                .to_owned(),
            Self::ResolvedByArithmetic { unit_price, total, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{unit_price}\" é o preço e \"{total}\" o total: quantidade × preço = total em {count} de {compared} linhas."
                    )
                } else {
                    format!(
                        "\"{unit_price}\" is the price and \"{total}\" the total: quantity × price = total on {count} of {compared} rows."
                    )
                }
            }
            Self::QuantityByArithmetic { column, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{column}\" é a quantidade: multiplicada pelo preço dá o total em {count} de {compared} linhas."
                    )
                } else {
                    format!(
                        "\"{column}\" is the quantity: times the price it is the total on {count} of {compared} rows."
                    )
                }
            }
            Self::TotalLessColumn { total, column, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{total}\" é o total: quantidade × preço menos \"{column}\" em {count} de {compared} linhas."
                    )
                } else {
                    format!(
                        "\"{total}\" is the total: quantity × price less \"{column}\" on {count} of {compared} rows."
                    )
                }
            }
            Self::ValueIsPrice { column, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{column}\" é o preço unitário: em {count} de {compared} comparações do mesmo produto ele não muda com a quantidade."
                    )
                } else {
                    format!(
                        "\"{column}\" is the unit price: in {count} of {compared} comparisons of the same product it does not change with the quantity."
                    )
                }
            }
            Self::PriceIsTotal { column, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{column}\" é o total: em {count} de {compared} comparações do mesmo produto ele cresce com a quantidade."
                    )
                } else {
                    format!(
                        "\"{column}\" is the total: in {count} of {compared} comparisons of the same product it grows with the quantity."
                    )
                }
            }
            Self::TotalIsNet { gross, net, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{net}\" é o total: é igual a \"{gross}\" menos o desconto em {count} de {compared} linhas com desconto."
                    )
                } else {
                    format!(
                        "\"{net}\" is the total: it equals \"{gross}\" minus the discount on {count} of {compared} rows with a discount."
                    )
                }
            }
            Self::TotalIsOfOrder { column, line } => {
                let instead = match line {
                    Some(line) => format!("\"{line}\""),
                    None => language.pick("quantidade × preço", "quantity × price").to_owned(),
                };
                if portuguese {
                    format!("\"{column}\" é o total do pedido inteiro; o valor de cada linha é {instead}.")
                } else {
                    format!("\"{column}\" is the total of the whole order; the amount of each line is {instead}.")
                }
            }
            Self::TotalHoldsFreight { total, goods, on_top, rows: agreeing, compared } => {
                let on_top = on_top.iter().map(|header| format!("\"{header}\"")).collect::<Vec<_>>().join(" + ");
                let goods = goods.as_ref().map(|goods| format!("\"{goods}\""));
                if portuguese {
                    let goods = goods.unwrap_or_else(|| "quantidade × preço".to_owned());
                    format!(
                        "\"{total}\" é {goods} mais {on_top} em {agreeing} de {compared} linhas: a venda é {goods}, e o resto não faz parte dela."
                    )
                } else {
                    let goods = goods.unwrap_or_else(|| "quantity × price".to_owned());
                    format!(
                        "\"{total}\" is {goods} plus {on_top} on {agreeing} of {compared} rows: the sale is {goods}, and the rest is not part of it."
                    )
                }
            }
            Self::OrderDiscountSpread { column, orders, amount, proofs } => {
                let amount = crate::format::money(*amount, language);
                if portuguese {
                    format!(
                        "\"{column}\" é do pedido inteiro: {amount} de desconto em {orders} pedidos, repartidos entre as linhas ({proofs} pedidos provam isso)."
                    )
                } else {
                    format!(
                        "\"{column}\" is of the whole order: {amount} off {orders} orders, spread over their lines ({proofs} orders prove it)."
                    )
                }
            }
            Self::FreightTakenOff { total, on_top, rows: count, amount } => {
                let (rows, amount) = (rows(*count, language), crate::format::money(*amount, language));
                let on_top = quoted(on_top, 6, language);
                if portuguese {
                    format!(
                        "\"{total}\" inclui {on_top}: {amount} descontados em {rows}, porque a venda são os produtos."
                    )
                } else {
                    format!("\"{total}\" includes {on_top}: {amount} taken off on {rows}, because a sale is its goods.")
                }
            }
            Self::TotalBeforeDiscount { total, discount } if portuguese => {
                format!("\"{total}\" é o valor antes de \"{discount}\": a venda é o valor menos o desconto.")
            }
            Self::TotalBeforeDiscount { total, discount } => {
                format!("\"{total}\" is the amount before \"{discount}\": the sale is the amount less the discount.")
            }
            Self::StatusByContents { column, value } if portuguese => {
                format!("\"{column}\" é a situação do pedido, porque diz \"{value}\".")
            }
            Self::StatusByContents { column, value } => {
                format!("\"{column}\" is the status of the order, because it says \"{value}\".")
            }
            Self::ReturnsTakenOff { column, rows: count, amount } => {
                let (rows, amount) = (rows(*count, language), crate::format::money(*amount, language));
                if portuguese {
                    format!("\"{column}\": {rows} de devoluções e créditos, descontados das vendas ({amount}).")
                } else {
                    format!("\"{column}\": {rows} of returns and credits, taken off the sales ({amount}).")
                }
            }
            Self::RefundsTakenOff { column, orders, amount } => {
                let amount = crate::format::money(*amount, language);
                if portuguese {
                    format!("\"{column}\": {amount} devolvidos em parte de {orders} vendas, descontados delas.")
                } else {
                    format!("\"{column}\": {amount} returned in part from {orders} sales, taken off them.")
                }
            }
            Self::OrderValuesShared { columns, rows: count } => {
                let (columns, rows) = (quoted(columns, 6, language), rows(*count, language));
                if portuguese {
                    format!("{columns}: estão só na primeira linha de cada pedido e valem para as outras ({rows}).")
                } else {
                    format!("{columns}: on the first line of each order only, taken for its other lines ({rows}).")
                }
            }
            Self::UnpaidRows { rows: count, amount } => {
                let (rows, amount) = (rows(*count, language), crate::format::money(*amount, language));
                if portuguese {
                    format!("{rows} à espera do pagamento, contadas como vendas ({amount}).")
                } else {
                    format!("{rows} awaiting payment, counted as sales ({amount}).")
                }
            }
            Self::TotalBeforeFees { total, net, fee, rows: count, compared } => {
                if portuguese {
                    format!(
                        "\"{total}\" é o total: \"{net}\" é igual a ele menos \"{fee}\" em {count} de {compared} linhas, e uma taxa não é desconto."
                    )
                } else {
                    format!(
                        "\"{total}\" is the total: \"{net}\" equals it minus \"{fee}\" on {count} of {compared} rows, and a fee is not a discount."
                    )
                }
            }
            Self::TotalIsRunning { column, line } => {
                if portuguese {
                    format!("\"{column}\" é o total acumulado das linhas; o valor de cada linha é \"{line}\".")
                } else {
                    format!("\"{column}\" is the running total of the rows; the amount of each line is \"{line}\".")
                }
            }
            Self::FilledDown { columns, rows: count, first } => {
                let (rows, names) = (rows(*count, language), quoted(columns, 10, language));
                let places = first.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                let more = if first.len() as u64 == *count { "" } else { "…" };
                if portuguese {
                    format!("{names}: em branco em {rows}; foi usado o valor da linha de cima (linhas {places}{more}).")
                } else {
                    format!("{names}: blank on {rows}; the value of the row above was used (rows {places}{more}).")
                }
            }
            Self::DateFromTitle { day } => {
                let day = crate::format::date(*day, language);
                if portuguese {
                    format!("Nenhuma coluna traz a data: foi usada a data do título, {day}.")
                } else {
                    format!("No column has the date: the date in the title, {day}, was used.")
                }
            }
            Self::PartialDays { column, year, month } => {
                let rest = month.map_or_else(|| year.to_string(), |month| format!("{month:02}/{year}"));
                if portuguese {
                    format!("As datas de \"{column}\" não dizem o ano: vale o do título ou da aba, {rest}.")
                } else {
                    format!("The days in \"{column}\" lack their year: that of the title or the sheet counts, {rest}.")
                }
            }
            Self::DatesFromTitles { titles } => {
                if portuguese {
                    format!("Nenhuma coluna traz a data: foi usada a do título acima de cada linha ({titles} títulos).")
                } else {
                    format!("No column has the date: the date in the title above each row was used ({titles} titles).")
                }
            }
            Self::HeadersShifted { columns } => {
                let count = columns.unsigned_abs();
                let right = *columns > 0;
                if portuguese {
                    let side = if right { "direita" } else { "esquerda" };
                    format!(
                        "Os dados estão {count} coluna(s) à {side} dos seus cabeçalhos e foram lidos nessa posição."
                    )
                } else {
                    let side = if right { "right" } else { "left" };
                    format!("The data is {count} column(s) to the {side} of its headers and was read in that position.")
                }
            }
            Self::KnownExport { name } if portuguese => {
                format!("As colunas são da exportação conhecida \"{name}\".")
            }
            Self::KnownExport { name } => format!("The columns are those of the known export \"{name}\"."),
            Self::HeaderOfTwoRows => language
                .pick("O cabeçalho ocupa duas linhas, lidas juntas.", "The header takes two rows, read together.")
                .to_owned(),
            Self::SheetIsSummary { sheet } => {
                if portuguese {
                    format!("A aba \"{sheet}\" não foi importada, porque não tem datas e resume outra aba.")
                } else {
                    format!(
                        "The sheet \"{sheet}\" was not imported, because it has no dates and sums up another sheet."
                    )
                }
            }
            Self::SheetIsCopy { sheet, of } => {
                if portuguese {
                    format!("A aba \"{sheet}\" tem as mesmas linhas que \"{of}\" e não foi contada outra vez.")
                } else {
                    format!("The sheet \"{sheet}\" has the same rows as \"{of}\" and was not counted again.")
                }
            }
            Self::CancelledRows { rows: count, amount } => {
                let what = language.pick(
                    " de pedidos cancelados, recusados ou devolvidos, não contadas como vendas",
                    " of cancelled, refused or refunded orders, not counted as sales",
                );
                format!("{}{what} ({}).", rows(*count, language), crate::format::money(*amount, language))
            }
            Self::CancelledWithoutOrder { rows: count } => {
                let what = language.pick(
                    " canceladas não têm número de pedido: se a venda veio em outra importação, ela continua contando",
                    " that are cancelled have no order number: if their sale came with another import, it still counts",
                );
                format!("{}{what}.", rows(*count, language))
            }
            Self::OrderCancelled { order, line: None } => language.pick(
                format!("O pedido {order} foi cancelado pela API."),
                format!("The order {order} was cancelled through the API."),
            ),
            Self::OrderCancelled { order, line: Some(line) } => language.pick(
                format!("A linha {line} do pedido {order} foi cancelada pela API."),
                format!("Line {line} of the order {order} was cancelled through the API."),
            ),
            Self::Returns { rows: count } => {
                let what = language.pick(
                    " com quantidade negativa, guardadas como devoluções",
                    " with a negative quantity, kept as returns",
                );
                format!("{}{what}.", rows(*count, language))
            }
            Self::DocumentsDoubtful { rows: count } => {
                let what = language.pick(
                    " com CPF/CNPJ de dígito verificador errado, mantido como está",
                    " with wrong check digits in the tax number, kept as it is",
                );
                format!("{}{what}.", rows(*count, language))
            }
            Self::ZerosRestored { rows: count } => {
                let what = language.pick(
                    " com CPF/CNPJ sem os zeros à esquerda, que foram repostos",
                    " with a tax number that had lost its leading zeros; they were put back",
                );
                format!("{}{what}.", rows(*count, language))
            }
            Self::MojibakeRepaired { cells } => {
                if portuguese {
                    format!("{cells} textos com acentos trocados (\"JoÃ£o\") foram corrigidos.")
                } else {
                    format!("{cells} texts with garbled accents (\"JoÃ£o\") were repaired.")
                }
            }
            Self::PaymentsUnknown { values } => {
                let names = quoted(values, 10, language);
                if portuguese {
                    format!("Formas de pagamento desconhecidas, guardadas como Outros: {names}.")
                } else {
                    format!("Unknown payment methods, kept as Other: {names}.")
                }
            }
            Self::ValuesLeftOut { column, field, rows: count } => {
                let (rows, label) = (rows(*count, language), field.label(language));
                if portuguese {
                    format!("\"{column}\" ({label}) não pôde ser lida em {rows} e ficou em branco nelas.")
                } else {
                    format!("\"{column}\" ({label}) could not be read on {rows} and was left blank there.")
                }
            }
            Self::TextsShortened { column, field, rows: count } => {
                let (rows, most) = (rows(*count, language), field.most_characters());
                if portuguese {
                    format!("\"{column}\" era longo demais em {rows} e foi cortado: o limite é de {most} caracteres.")
                } else {
                    format!("\"{column}\" was too long on {rows} and was cut: the limit is {most} characters.")
                }
            }
            Self::OrderLinesReplaced { orders, first } => {
                let orders = crate::format::count(i64::try_from(*orders).unwrap_or(i64::MAX), language);
                let named = quoted(first, 10, language);
                match language {
                    Language::Portuguese => format!(
                        "Pedidos cuja única linha tem agora outro produto: {orders} ({named}). Foram tratados como correção da linha anterior; se são outras vendas, desfaça a importação e numere as linhas."
                    ),
                    Language::English => format!(
                        "Orders whose only line has another product now: {orders} ({named}). They were treated as corrections of the earlier line; if they are other sales, undo the import and number the lines."
                    ),
                }
            }
            Self::OrderIdsLocal { met, agreed } => {
                if portuguese {
                    format!(
                        "Os números de pedido recomeçam neste arquivo ({met} já existiam, só {agreed} são a mesma venda); por isso, só valem dentro dele."
                    )
                } else {
                    format!(
                        "The order numbers restart in this file ({met} were seen before, only {agreed} of them are the same sale), so they count only within it."
                    )
                }
            }
        }
    }
}
