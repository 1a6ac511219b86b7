//! All texts of the pages in both languages, side by side. If one is missing, the program does not compile.

use std::time::Duration;

use actix_web::http::StatusCode;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::MessageKind;

use super::sales_query::QueryProblem;
use crate::view::dead_letters::FailedRow;
use crate::view::sales::Standing;

macro_rules! texts {
    ($($name:ident: $portuguese:literal, $english:literal;)*) => {
        /// The texts of one language.
        #[derive(Debug)]
        pub(super) struct Texts {
            language: Language,
            $(pub(super) $name: &'static str,)*
        }
        static PORTUGUESE: Texts = Texts { language: Language::Portuguese, $($name: $portuguese,)* };
        static ENGLISH: Texts = Texts { language: Language::English, $($name: $english,)* };
    };
}

/// The texts of a language.
pub(super) fn texts(language: Language) -> &'static Texts {
    language.pick(&PORTUGUESE, &ENGLISH)
}

texts! {
    // Head and foot of every page
    tagline: "O fluxo das suas vendas", "The flow of your sales";
    skip: "Ir para o conteúdo", "Skip to content";
    navigation: "Navegação principal", "Main navigation";
    overview: "Visão geral", "Overview";
    sales: "Vendas", "Sales";
    imports: "Importações", "Imports";
    log_in: "Entrar", "Log in";
    log_out: "Sair", "Log out";
    signed_in_as: "Conectado como", "Signed in as";
    to_overview: "Ir para a visão geral", "Go to the overview";

    // Login and setup
    welcome: "Entrar no Caudal", "Log in to Caudal";
    user_name: "Nome de usuário", "User name";
    password: "Senha", "Password";
    login_wrong: "O nome ou a senha está errado.", "The user name or the password is wrong.";
    login_busy: "Há muitas pessoas entrando ao mesmo tempo. Tente de novo em alguns segundos.", "Too many people are logging in. Try again in a few seconds.";
    needs_setup: "O Caudal ainda não foi configurado. Abra o link de configuração que apareceu no terminal quando ele foi iniciado.", "Caudal is not set up yet. Open the setup link that it showed in the terminal when it started.";
    setup: "Configurar o Caudal", "Set up Caudal";
    setup_intro: "Crie a conta de administrador. É a única vez que esta página aparece.", "Create the administrator's account. This page appears only once.";
    setup_create: "Criar conta e entrar", "Create account and log in";
    repeat_password: "Repita a senha", "Repeat the password";
    password_hint: "De 12 a 128 caracteres. Uma frase longa é melhor que uma palavra complicada.", "12 to 128 characters. A long phrase is better than a complicated word.";
    password_length: "A senha precisa ter de 12 a 128 caracteres.", "The password needs 12 to 128 characters.";
    passwords_differ: "As duas senhas são diferentes.", "The two passwords differ.";
    name_unusable: "O nome precisa ter de 1 a 64 caracteres visíveis.", "The name needs 1 to 64 visible characters.";
    name_taken: "Este nome já existe. Escolha outro.", "This name is taken. Choose another one.";
    setup_expired: "Este link não é mais válido", "This link is no longer valid";
    setup_expired_advice: "O link de configuração vale por 30 minutos, e só o mais recente funciona. Reinicie o Caudal para ver um link novo no terminal.", "The setup link is valid for 30 minutes, and only the newest link works. Restart Caudal to see a new link in the terminal.";

    // Overview
    month: "Mês", "Month";
    show: "Mostrar", "Show";
    revenue: "Faturamento", "Revenue";
    average_ticket: "Ticket médio", "Average ticket";
    compared_with: "em comparação com", "compared with";
    nothing_before: "sem vendas para comparar", "no sales to compare with";
    was: "antes", "before";
    up: "subiu", "up";
    down: "caiu", "down";
    level: "igual", "unchanged";
    twelve_months: "Últimos doze meses", "Last twelve months";
    as_table: "Ver como tabela", "Show as a table";
    top_products: "Produtos mais vendidos", "Top products";
    payment_methods: "Formas de pagamento", "Payment methods";
    share: "Parte", "Share";
    not_said: "Não informada", "Not given";
    no_sales_in_month: "Nenhuma venda neste mês.", "No sales in this month.";
    all_sales_of_month: "Ver as vendas do mês", "See the month's sales";

    // Empty states
    empty_title: "Ainda não há vendas", "No sales yet";
    empty_intro: "Solte uma planilha na pasta de entrada, ou envie vendas pela API. Elas aparecem aqui em segundos.", "Drop a spreadsheet into the inbox, or send sales through the API. They appear here within seconds.";
    inbox_folder: "Pasta de entrada", "Inbox folder";
    or_by_api: "Ou pela API", "Or through the API";
    no_imports: "Ainda não há importações", "No imports yet";
    nothing_found: "Nenhuma venda com estes filtros", "No sales match these filters";
    nothing_found_advice: "Mude o período, procure por menos palavras ou limpe os filtros.", "Change the period, search for fewer words, or clear the filters.";

    // Sales
    search: "Procurar", "Search";
    search_hint: "Cliente, produto ou nº do pedido", "Customer, product or order number";
    from: "De", "From";
    to: "Até", "To";
    payment: "Pagamento", "Payment";
    product: "Produto", "Product";
    customer: "Cliente", "Customer";
    import: "Importação", "Import";
    any: "Todos", "Any";
    filter: "Filtrar", "Filter";
    clear: "Limpar filtros", "Clear filters";
    remove_filter: "Remover o filtro", "Remove the filter";
    period_not_applied: "O período não foi aplicado.", "The period was not applied.";
    period_unusable: "O período é inválido", "The period is invalid";
    correct_the_days: "Corrija as datas na lista de vendas.", "Correct the dates in the sales list.";
    list_too_long: "A lista é longa demais", "The list is too long";
    too_many_rows: "Uma planilha do Excel tem no máximo 1.048.576 linhas, e a lista tem mais. Escolha um período menor ou baixe o CSV.", "An Excel sheet has at most 1,048,576 rows, and the list has more. Choose a shorter period or download the CSV.";
    to_sales: "Voltar às vendas", "Back to the sales";
    date: "Data", "Date";
    quantity: "Quantidade", "Quantity";
    unit_price: "Preço unitário", "Unit price";
    amount: "Total", "Amount";
    origin: "Origem", "Origin";
    order: "Pedido", "Order";
    sort_by: "Ordenar por", "Sort by";
    time_assumed: "data da chegada", "date of arrival";
    return_word: "devolução", "return";
    unnamed: "(sem nome)", "(no name)";
    unknown: "(desconhecido)", "(unknown)";
    no_customer: "–", "–";
    row_word: "linha", "row";

    ingest_away: "O serviço de entrada não responde. Arquivos e lotes esperam até ele voltar, e nada se perde.", "The ingest service does not answer. Files and batches wait until it is back, and nothing is lost.";

    // Messages that could not be stored
    dead_letters_title: "Mensagens que não puderam ser gravadas", "Messages that could not be stored";
    dead_letters_link: "Ver as mensagens e o que fazer", "See the messages and the next steps";
    dead_letters_intro: "Cada mensagem leva linhas de uma importação ao banco de dados. Estas falharam: resolva a causa e tente de novo, corrija o texto, ou descarte-as (as linhas passam a contar como rejeitadas).", "Each message brings rows of an import to the database. These failed: solve the cause and try them again, correct the text, or discard them (their rows then count as rejected).";
    no_dead_letters: "Nenhuma mensagem com falha.", "No message has failed.";
    retry: "Tentar de novo", "Try again";
    retry_all: "Tentar todas de novo", "Try all again";
    discard: "Descartar (contar como rejeitadas)", "Discard (count as rejected)";
    discard_nonsense: "Descartar", "Discard";
    see_or_edit_text: "Ver ou corrigir o texto", "See or correct the text";
    see_text: "Ver o texto", "See the text";
    given_up: "sem novas tentativas", "given up";
    waits: "aguarda nova tentativa", "waits for another attempt";
    import_word: "importação", "import";
    attempts: "tentativas", "attempts";
    technical_details: "Detalhes técnicos", "Technical details";
    first_failure: "primeira falha", "first failure";
    last_failure: "última falha", "last failure";
    next_attempt: "próxima tentativa", "next attempt";
    message_text: "Texto da mensagem", "The message's text";
    edit_explained: "Não mude os identificadores (message_id, import_id), o lugar e o valor de cada linha, porque o balanço depende deles.", "Do not change the ids (message_id, import_id), or the place and the money of any row, because the ledger depends on them.";
    edit_and_retry: "Gravar o texto e tentar de novo", "Save the text and try again";
    download: "Baixar", "Download";
    sales_table: "Vendas, com a origem de cada uma", "Sales, each with its origin";
    of: "de", "of";
    previous: "Anterior", "Previous";
    next: "Próxima", "Next";
    pages_of_list: "Páginas da lista", "Pages of the list";

    // Imports
    imports_intro: "Cada linha lida é contada exatamente uma vez: lidas = novas + atualizadas + repetidas + rejeitadas + ignoradas.", "Each row that was read is counted exactly once: read = stored + updated + duplicate + rejected + ignored.";
    api_batch: "Lote da API", "API batch";
    name_arriving: "(nome ainda não recebido)", "(name not received yet)";
    inbox_itself: "pasta de entrada", "inbox";
    source: "Fonte", "Source";
    received: "Recebida em", "Received";
    rows: "Linhas", "Rows";
    money: "Valor", "Money";
    read: "Lidas", "Read";
    stored: "Novas", "Stored";
    updated: "Atualizadas", "Updated";
    duplicate: "Repetidas", "Duplicate";
    rejected: "Rejeitadas", "Rejected";
    ignored: "Ignoradas", "Ignored";
    balanced: "Conferida", "Balanced";
    arriving: "Chegando", "Arriving";
    unbalanced: "Não fecha", "Does not balance";
    refused: "Recusada", "Refused";
    repeated: "Já importada", "Already imported";
    see_first_import: "Ver a importação anterior", "See the earlier import";
    rows_not_stored: "Parte das linhas não pôde ser gravada. Na página das mensagens que não puderam ser gravadas, um administrador vê quais são, o motivo e o que fazer.", "Some rows could not be stored. On the page of messages that could not be stored, an administrator sees the rows, the reasons and the next steps.";
    still_arriving: "Parte dos dados ainda está chegando. Recarregue a página em instantes.", "Part of the data is still arriving. Reload the page in a moment.";
    ledger: "Balanço da importação", "Ledger of the import";
    details: "Detalhes", "Details";
    columns: "Leitura das colunas", "How the columns were read";
    properties: "Propriedades do JSON", "JSON properties";
    header_row: "cabeçalho na linha", "header in row";
    warnings: "Avisos", "Warnings";
    remarks: "Observações", "Remarks";
    rejected_rows: "Linhas rejeitadas", "Rejected rows";
    rejected_advice: "Corrija estas linhas no arquivo de correção e solte-o na pasta de entrada. Elas entram nesta importação, e nada é gravado duas vezes.", "Mend these rows in the repair workbook and drop it into the inbox. They are added to this import, and nothing is stored twice.";
    as_written: "A linha como veio", "The row as written";
    duplicates: "Linhas repetidas", "Duplicate rows";
    first_seen: "Já estava em", "First seen in";
    same_import: "nesta importação", "in this import";
    where_word: "Onde", "Where";
    standing: "Situação", "Standing";
    counted_sales: "Que contam", "That count";
    void_sales: "Canceladas", "Void";
    all_sales: "Todas", "All";
    void_word: "cancelada", "void";
    cancelled_by: "Cancelada por", "Cancelled by";
    see_void_sales: "Ver estas vendas", "See these sales";
    is_void: "A venda desta linha foi cancelada depois e não conta em nenhum total.", "The sale of this row was cancelled later and counts in no total.";
    cancels: "Esta linha cancela:", "This row cancels:";
    see_sales: "Ver as vendas desta importação", "See this import's sales";
    identifier: "Identificador", "Identifier";
    accepted_quantity: "Quantidade aceita", "Quantity accepted";
    all_imports: "Todas as importações", "All imports";
    undone: "Desfeita", "Undone";
    repair: "Correção", "Repair";
    column: "Coluna", "Column";
    in_the_file: "Como veio", "As it came";
    taken_for: "Lida como", "Read as";
    clean_value: "Valor limpo", "Clean value";
    rule: "Regra", "Rule";
    not_used: "não usada", "not used";
    is_sale: "Esta linha é uma venda.", "This row is a sale.";
    is_rejected: "Esta linha foi rejeitada.", "This row was rejected.";
    is_ignored: "Esta linha não é uma venda e foi ignorada.", "This row is not a sale and was ignored.";
    row_warnings: "Linhas aceitas com aviso", "Rows kept with a warning";
    ignored_rows: "Linhas ignoradas", "Ignored rows";
    and_more: "e mais", "and more:";
    see_row: "Ver a linha como veio", "See the row as it came";
    repair_workbook: "Baixar para corrigir (.xlsx)", "Download to mend (.xlsx)";
    undo_import: "Desfazer a importação", "Undo the import";
    undo_effects: "Efeitos", "Effects";
    undo_explained: "As vendas que esta importação trouxe são excluídas, e as que ela mudou voltam à versão anterior. O arquivo original fica guardado e pode ser solto de novo.", "The sales that this import brought are deleted, and the sales that it changed go back to their earlier version. The original file is kept and may be dropped again.";
    undo_now: "Desfazer agora", "Undo it now";
    leave_it: "Deixar como está", "Leave it as it is";
    values_kept: "Valores que ficam", "Values that stay";
    history: "Depois da chegada", "After it arrived";
    waiting: "Espera um layout", "Waits for a layout";
    layout_title: "O significado de cada coluna", "The meaning of each column";
    layout_intro: "Escolha o significado de cada coluna. O arquivo é importado em seguida, e os próximos com o mesmo cabeçalho são importados sem perguntar.", "Choose the meaning of each column. Then the file is imported, and later files with the same header are imported without a question.";
    layout_map: "Definir o significado das colunas", "Choose the meaning of each column";
    layout_dismiss: "Dispensar o arquivo", "Dismiss the file";
    layout_sheet: "Aba", "Sheet";
    layout_header: "Linha do cabeçalho", "Header row";
    layout_no_header: "Nenhuma: a primeira linha já é uma venda", "None: the first row is already a sale";
    layout_show: "Mostrar esta tabela", "Show this table";
    layout_columns: "Colunas e primeiras linhas", "Columns and first rows";
    layout_preview: "As primeiras linhas da tabela, com a escolha do significado de cada coluna", "The first rows of the table, with a choice of the meaning of each column";
    layout_means: "Significado da coluna", "Meaning of the column";
    layout_ignore: "– não usar –", "– not used –";
    layout_date: "Data da venda", "Date of the sale";
    layout_date_column: "está em uma coluna", "is in a column";
    layout_date_day: "é a mesma para o arquivo inteiro", "is the same for the whole file";
    layout_date_title: "é o fim do período que está no título", "is the end of the period in the title";
    layout_date_arrival: "é o dia em que o arquivo chega", "is the day on which the file arrives";
    layout_day: "Data para o arquivo inteiro", "Date for the whole file";
    layout_day_missing: "Falta a data para o arquivo inteiro: preencha-a ou escolha outra forma.", "The date for the whole file is missing: fill it in or choose another way.";
    layout_date_hint: "Vale também para os próximos arquivos com este cabeçalho. Se cada arquivo é de um período diferente, use o título ou a chegada.", "It also applies to later files with this header. If each file is for a different period, use the title or the arrival.";
    layout_mark: "Decimais", "Decimals";
    layout_order: "Ordem das datas", "Order of dates";
    layout_by_values: "conforme os valores", "as the values show";
    layout_comma: "vírgula: 1.234,56", "comma: 1.234,56";
    layout_point: "ponto: 1,234.56", "point: 1,234.56";
    layout_day_first: "dia/mês: 31/12", "day/month: 31/12";
    layout_month_first: "mês/dia: 12/31", "month/day: 12/31";
    layout_only_sheet: "Só esta aba", "Only this sheet";
    layout_more_columns: "Mais colunas, que ficam como foram lidas (\"caudal layout show\" mostra todas):", "More columns, which stay as they were read (\"caudal layout show\" shows all):";
    sum_proof: "Por que a soma está certa:", "Why the sum is right:";
    layout_answers: "Qual soma é a certa?", "Which sum is right?";
    layout_answers_hint: "A resposta fica guardada para os próximos arquivos com este cabeçalho.", "The answer is remembered for the next files with this header.";
    layout_save: "Guardar e importar", "Remember and import";
    layout_leave: "Deixar esperando", "Keep it waiting";
    layouts: "Layouts guardados", "Remembered layouts";
    layouts_intro: "O significado das colunas, já decidido. Arquivos com o mesmo cabeçalho são importados assim, sem perguntar.", "The decided meanings of columns. Files with the same header are imported with them, without a question.";
    no_layouts: "Nenhum layout guardado", "No layout is remembered";
    layout_forget: "Esquecer", "Forget";
    layout_ignored: "Não usadas", "Not used";
    release: "É outra venda", "It is another sale";
    release_explained: "Se uma destas linhas é mesmo outra venda, marque-a aqui, e ela passa a contar.", "If one of these rows really is another sale, mark it here, and it counts as a sale.";
}

impl Texts {
    /// Which sales a list holds.
    pub(super) fn standing(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Counted => self.counted_sales,
            Standing::Void => self.void_sales,
            Standing::All => self.all_sales,
        }
    }

    /// The wait before the next login.
    pub(super) fn wait(&self, left: Duration) -> String {
        let seconds = left.as_secs() + 1;
        match self.language {
            Language::Portuguese => format!("Muitas tentativas erradas. Espere {seconds} s e tente de novo."),
            Language::English => format!("Too many wrong attempts. Wait {seconds} s and try again."),
        }
    }

    /// Explains that the running month has no sales and another month is shown.
    pub(super) fn shown_instead(&self, running: &str, shown: &str) -> String {
        match self.language {
            Language::Portuguese => {
                format!("Ainda não há vendas em {running}. Este é o último mês com vendas: {shown}.")
            }
            Language::English => {
                format!("There are no sales in {running} yet. This is the latest month with sales: {shown}.")
            }
        }
    }

    /// The message of the chart of twelve months.
    pub(super) fn finding(&self, total: &str, best: &str, amount: &str) -> String {
        match self.language {
            Language::Portuguese => format!("{total} em doze meses; o melhor foi {best}, com {amount}."),
            Language::English => format!("{total} in twelve months; the best was {best} with {amount}."),
        }
    }

    /// The difference of a ledger that does not balance.
    pub(super) fn difference(&self, rows: &str, amount: &str) -> String {
        match self.language {
            Language::Portuguese => {
                format!(
                    "As linhas lidas e as contadas diferem (linhas: {rows}, valor: {amount}). Execute \"caudal doctor\"."
                )
            }
            Language::English => format!(
                "The rows read and the rows counted differ (rows: {rows}, money: {amount}). Run \"caudal doctor\"."
            ),
        }
    }

    /// Explains that a file with the same bytes was imported before.
    pub(super) fn already_imported(&self, at: &str) -> String {
        match self.language {
            Language::Portuguese => format!("O mesmo arquivo já foi importado em {at}. Nada foi somado."),
            Language::English => format!("The same file was imported on {at}. Nothing was added."),
        }
    }

    /// The result of a repair workbook.
    pub(super) fn repaired(&self, sales: &str, rejected: &str, ignored: &str) -> String {
        match self.language {
            Language::Portuguese => format!(
                "Linhas corrigidas de outra importação: {sales} viraram vendas, {rejected} continuam rejeitadas, {ignored} não são vendas."
            ),
            Language::English => format!(
                "Mended rows of another import: {sales} are sales now, {rejected} are still rejected, {ignored} are not sales."
            ),
        }
    }

    /// The time of an undo, and the person who did it.
    pub(super) fn undone_on(&self, at: &str, by: Option<&str>) -> String {
        match (self.language, by) {
            (Language::Portuguese, Some(by)) => {
                format!("Desfeita em {at} por {by}. O balanço mostra os números de antes.")
            }
            (Language::Portuguese, None) => {
                format!("Desfeita em {at} pela linha de comando. O balanço mostra os números de antes.")
            }
            (Language::English, Some(by)) => {
                format!("Undone on {at} by {by}. The ledger shows the counts from before the undo.")
            }
            (Language::English, None) => {
                format!("Undone on {at} on the command line. The ledger shows the counts from before the undo.")
            }
        }
    }

    /// The answer that a column holds a field.
    pub(super) fn layout_answer_as(&self, column: &str, field: &str) -> String {
        match self.language {
            Language::Portuguese => format!("A coluna “{column}” é: {field}"),
            Language::English => format!("The column “{column}” is: {field}"),
        }
    }

    /// The answer that columns change nothing in the sum.
    pub(super) fn layout_answer_without(&self, columns: &[String]) -> String {
        let columns = columns.iter().map(|column| format!("“{column}”")).collect::<Vec<_>>().join(", ");
        match self.language {
            Language::Portuguese => format!("A soma não usa {columns}"),
            Language::English => format!("The sum does not use {columns}"),
        }
    }

    /// The person who decided a layout, and the time.
    pub(super) fn layout_remembered_by(&self, by: Option<&str>, at: &str) -> String {
        match (self.language, by) {
            (Language::Portuguese, Some(by)) => format!("Decidido por {by} em {at}"),
            (Language::Portuguese, None) => format!("Decidido na linha de comando em {at}"),
            (Language::English, Some(by)) => format!("Decided by {by} on {at}"),
            (Language::English, None) => format!("Decided on the command line on {at}"),
        }
    }

    /// A short description of a failed message. If it has only one row, the description names the row.
    pub(super) fn failed_message(&self, kind: Option<MessageKind>, rows: &str, row: Option<&FailedRow>) -> String {
        if let Some(FailedRow { sheet, row, product, amount }) = row {
            let sheet = if sheet.is_empty() { String::new() } else { format!(" ({sheet})") };
            let product = product.as_ref().map(|product| format!("{product}, ")).unwrap_or_default();
            let amount = format::money(*amount, self.language);
            return format!("{} {row}{sheet}: {product}{amount}", self.language.pick("Linha", "Row"));
        }
        match kind {
            Some(kind) => kind.title(rows, self.language),
            None => self.language.pick("Mensagem ilegível", "Unreadable message").to_owned(),
        }
    }

    /// The reason of a message that failed before failure codes existed: a plain sentence, then the technical text.
    pub(super) fn failure(&self, is_readable: bool, reason: &str) -> String {
        let (portuguese, english) = match is_readable {
            true => ("O banco de dados não aceitou a mensagem", "The database did not accept the message"),
            false => ("O Caudal não consegue ler esta mensagem", "Caudal cannot read this message"),
        };
        format!("{}: {reason}", self.language.pick(portuguese, english))
    }

    /// The number of an import and, if it has one, the name of its file.
    pub(super) fn import_called(&self, id: i64, name: Option<&str>) -> String {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{id}, {name}"),
            None => id.to_string(),
        }
    }

    /// Explains where to see and edit a text that is too long for its page.
    pub(super) fn text_elsewhere(&self, id: i64, is_dead: bool) -> String {
        let see = self.language.pick(
            format!(
                "O texto é longo demais para esta página: \"caudal dead-letters show {id}\" mostra o texto inteiro"
            ),
            format!("The text is too long for this page: \"caudal dead-letters show {id}\" shows the whole text"),
        );
        let edit = self.language.pick(
            format!(", e \"caudal dead-letters edit {id} --file ARQUIVO\" o substitui"),
            format!(", and \"caudal dead-letters edit {id} --file FILE\" replaces it"),
        );
        if is_dead { format!("{see}{edit}.") } else { format!("{see}.") }
    }

    /// The number of failed messages that are not on the page.
    pub(super) fn more_dead_letters(&self, count: &str) -> String {
        self.language.pick(
            format!("E mais {count}: caudal dead-letters list mostra todas."),
            format!("And {count} more: caudal dead-letters list shows all."),
        )
    }

    /// The number of dead letters.
    pub(super) fn dead_letters(&self, count: &str) -> String {
        match self.language {
            Language::Portuguese => {
                format!(
                    "Mensagens que não puderam ser gravadas: {count}. As importações dessas mensagens ficam incompletas."
                )
            }
            Language::English => {
                format!("Messages that could not be stored: {count}. Their imports stay incomplete.")
            }
        }
    }

    /// The error in the days of a filter.
    pub(super) fn bad_days(&self, problem: QueryProblem) -> &'static str {
        match problem {
            QueryProblem::NotADay => {
                self.language.pick("Uma das datas não existe.", "One of the dates does not exist.")
            }
            QueryProblem::EndBeforeStart => self
                .language
                .pick("O fim do período vem antes do início.", "The end of the period is before its start."),
        }
    }

    /// The title of an error page.
    pub(super) fn error_title(&self, status: StatusCode) -> &'static str {
        let (portuguese, english) = match status {
            StatusCode::FORBIDDEN => ("Este pedido não é permitido", "This request is not allowed"),
            StatusCode::NOT_FOUND => ("Esta página não existe", "This page does not exist"),
            StatusCode::CONFLICT => ("Isto não é possível agora", "This is not possible now"),
            StatusCode::TOO_MANY_REQUESTS => ("Muitas tentativas", "Too many attempts"),
            status if status.is_server_error() => ("Ocorreu um erro no Caudal", "An error occurred in Caudal"),
            _ => ("O pedido é inválido", "The request is invalid"),
        };
        self.language.pick(portuguese, english)
    }

    /// Advice for the next step on an error page.
    pub(super) fn error_advice(&self, status: StatusCode) -> &'static str {
        let (portuguese, english) = match status {
            StatusCode::FORBIDDEN => (
                "O formulário expirou ou veio de outro lugar. Volte, recarregue a página e tente de novo.",
                "The form has expired or came from elsewhere. Go back, reload the page and try again.",
            ),
            StatusCode::NOT_FOUND => (
                "O endereço mudou ou nunca existiu. Comece pela visão geral.",
                "The address has changed or never existed. Start from the overview.",
            ),
            StatusCode::CONFLICT => (
                "A importação ainda está chegando ou foi desfeita. Nada mudou; volte, recarregue a página e tente de novo.",
                "The import is still arriving or was undone. Nothing has changed; go back, reload the page and try again.",
            ),
            StatusCode::TOO_MANY_REQUESTS => {
                ("Espere alguns segundos e tente de novo.", "Wait a few seconds and try again.")
            }
            status if status.is_server_error() => (
                "Nada foi perdido. Tente de novo; se continuar, o log do Caudal diz o motivo.",
                "Nothing was lost. Try again; if it fails again, Caudal's log says why.",
            ),
            _ => ("Volte e tente de novo.", "Go back and try again."),
        };
        self.language.pick(portuguese, english)
    }
}
