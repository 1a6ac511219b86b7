//! Invented products and people.

use std::collections::HashSet;

use crate::chance::Chance;
use crate::truth::{Customer, Language, Product};

const GOODS_PT: [(&str, &str, i64); 22] = [
    ("Pão de queijo", "Padaria", 590),
    ("Café moído", "Mercearia", 2890),
    ("Açúcar mascavo", "Mercearia", 790),
    ("Vestido midi", "Roupas", 18990),
    ("Camiseta básica", "Roupas", 4990),
    ("Tênis de corrida", "Calçados", 39900),
    ("Cadeira de escritório", "Móveis", 84900),
    ("Sofá três lugares", "Móveis", 329000),
    ("Parafuso sextavado", "Ferragens", 90),
    ("Tinta acrílica 18 l", "Ferragens", 42950),
    ("Notebook 14\"", "Informática", 459900),
    ("Cabo USB-C", "Informática", 3490),
    ("Ração para cães", "Pet", 15990),
    ("Sabonete de lavanda", "Higiene", 450),
    ("Corte de cabelo", "Serviços", 6500),
    ("Consulta", "Serviços", 25000),
    ("Vinho tinto", "Bebidas", 7480),
    ("Água mineral, sem gás", "Bebidas", 350),
    ("Caderno espiral", "Papelaria", 2150),
    ("Bicicleta aro 29", "Esporte", 219900),
    ("Máquina de solda", "Ferramentas", 1200000),
    ("Kit lanche; completo", "Lanches", 3200),
];
const WEIGHED_PT: [(&str, &str, i64); 5] = [
    ("Queijo prato", "Frios", 4990),
    ("Tomate italiano", "Hortifruti", 899),
    ("Picanha", "Açougue", 8990),
    ("Castanha de caju", "Granel", 9850),
    ("Banana nanica", "Hortifruti", 549),
];
const GOODS_ES: [(&str, &str, i64); 12] = [
    ("Yerba mate", "Almacén", 4250),
    ("Camisa de lino", "Ropa", 32900),
    ("Zapatillas", "Calzado", 89900),
    ("Mesa plegable", "Muebles", 154900),
    ("Tornillo 5 mm", "Ferretería", 120),
    ("Champú", "Higiene", 1890),
    ("Piñata", "Fiesta", 6500),
    ("Cuaderno rayado", "Papelería", 950),
    ("Vino malbec", "Bebidas", 12400),
    ("Corte de pelo", "Servicios", 8000),
    ("Taladro", "Herramientas", 235000),
    ("Empanada, carne", "Comidas", 1100),
];
const WEIGHED_ES: [(&str, &str, i64); 3] =
    [("Queso cremoso", "Fiambres", 6990), ("Asado", "Carnes", 9450), ("Palta", "Verduras", 3200)];
const GOODS_EN: [(&str, &str, i64); 12] = [
    ("Ceramic mug", "Kitchen", 1400),
    ("Linen shirt", "Clothing", 5900),
    ("Running shoes", "Shoes", 12900),
    ("Oak desk", "Furniture", 64900),
    ("Hex bolt", "Hardware", 95),
    ("Shampoo bar", "Bath", 750),
    ("Coffee beans 1 lb", "Grocery", 1899),
    ("Notebook, ruled", "Stationery", 425),
    ("Haircut", "Services", 3500),
    ("Drill", "Tools", 8995),
    ("Laptop 14\"", "Electronics", 119900),
    ("Gift card holder", "Gifts", 250),
];
const WEIGHED_EN: [(&str, &str, i64); 3] =
    [("Cheddar", "Deli", 1899), ("Apples", "Produce", 349), ("Salmon", "Fish", 2995)];
const VARIANTS: [&str; 8] = ["", " P", " M", " G", " azul", " 500 g", " plus", " nº 2"];
const FIRST: [&str; 20] = [
    "Ângela",
    "Bruno",
    "Célia",
    "Davi",
    "Érica",
    "Fabrício",
    "Graça",
    "Hélio",
    "Inês",
    "Jonas",
    "Kátia",
    "Lúcio",
    "Mônica",
    "Nuno",
    "Olívia",
    "Patrício",
    "Quitéria",
    "Rúbia",
    "Saulo",
    "Telma",
];
const LAST: [&str; 18] = [
    "Antunes",
    "Bragança",
    "Cordeiro",
    "Drumond",
    "Espíndola",
    "Figueirôa",
    "Gusmão",
    "Holanda",
    "Iório",
    "Junqueira",
    "Leitão",
    "Muñoz",
    "Nogueira",
    "Ortiz",
    "Pimenta",
    "Quadros",
    "Rezende",
    "Salomão",
];
const CITIES: [&str; 6] = ["São Carlos", "Maceió", "Niterói", "Córdoba", "Rosario", "Springfield"];

pub fn products(chance: &mut Chance, language: Language, has_weights: bool) -> Vec<Product> {
    let (goods, weighed): (&[_], &[_]) = match language {
        Language::Portuguese => (&GOODS_PT, &WEIGHED_PT),
        Language::Spanish => (&GOODS_ES, &WEIGHED_ES),
        Language::English => (&GOODS_EN, &WEIGHED_EN),
    };
    let code = chance.below(4);
    let unit = if language == Language::English { "ea" } else { "un" };
    let mut products = Vec::new();
    let count = 4 + chance.below(goods.len() - 3);
    let mut order: Vec<usize> = (0..goods.len()).collect();
    chance.shuffle(&mut order);
    for index in order.into_iter().take(count) {
        let (name, category, price) = goods[index];
        let variant = if language == Language::Portuguese { chance.pick(&VARIANTS) } else { "" };
        // Prices end as prices do.
        let price = match chance.below(3) {
            0 => price,
            1 => price + 10 * chance.between(0, 9),
            _ => price + chance.between(1, 99),
        };
        let unit = if index % 5 == 4 { "cx" } else { unit };
        let sku = sku(code, products.len(), chance);
        products.push(Product { name: format!("{name}{variant}"), sku, category, unit, price, weighed: false });
    }
    if has_weights {
        for (name, category, price) in weighed {
            let sku = sku(code, products.len(), chance);
            products.push(Product {
                name: (*name).to_owned(),
                sku,
                category,
                unit: "kg",
                price: *price,
                weighed: true,
            });
        }
    }
    products
}

fn sku(code: usize, index: usize, chance: &mut Chance) -> String {
    match code {
        0 => format!("{:04}", 12 + 7 * index),
        1 => format!("78910{:08}", 10_203_040 + 1711 * index),
        2 => format!("REF-{}{}", ["A", "B", "K"][index % 3], 100 + index),
        _ => format!("{}", chance.between(1000, 1099) * 100 + i64::try_from(index).unwrap()),
    }
}

pub fn customers(chance: &mut Chance, language: Language, count: usize) -> Vec<Customer> {
    let mut names = HashSet::new();
    let mut customers = Vec::new();
    while customers.len() < count {
        let (first, last) = (chance.pick(&FIRST), chance.pick(&LAST));
        let name = format!("{first} {last}");
        if !names.insert(name.clone()) {
            continue;
        }
        let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        customers.push(Customer {
            document: document(chance, language),
            email: format!("{plain}{}@exemplo.test", customers.len()),
            phone: format!("{}9{:08}", chance.pick(&[11, 21, 48, 85]), chance.between(10_000_000, 99_999_999)),
            city: chance.pick(&CITIES),
            name,
        });
    }
    customers
}

/// A CPF with its check digits, or another country's number.
fn document(chance: &mut Chance, language: Language) -> String {
    if language != Language::Portuguese {
        return format!("{}", chance.between(20_000_000, 45_000_000));
    }
    let mut digits: Vec<i64> = (0..9).map(|_| chance.between(0, 9)).collect();
    for _ in 0..2 {
        let weights = (2..).take(digits.len());
        let sum: i64 = digits.iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.push(match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        });
    }
    let text: String = digits.iter().map(ToString::to_string).collect();
    format!("{}.{}.{}-{}", &text[..3], &text[3..6], &text[6..9], &text[9..])
}
