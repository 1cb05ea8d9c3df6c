//! Guessing the field of each column of a file from its name.

use crate::tenant::fold;

/// Name for the primary address, which identifies the person.
pub const ADDRESS: &str = "address";

/// Usual names of columns, only letters and digits: from directories' exports, and in English, German, French and Spanish.
const USUAL: &[(&str, &[&str])] = &[
    (
        ADDRESS,
        &[
            "email",
            "mail",
            "emailaddress",
            "mailaddress",
            "primaryemail",
            "primaryemailaddress",
            "primarysmtpaddress",
            "smtpaddress",
            "workemail",
            "userprincipalname",
            "upn",
            "emailadresse",
            "mailadresse",
            "courriel",
            "adresseemail",
            "adressemail",
            "adresseelectronique",
            "correo",
            "correoelectronico",
            "direcciondecorreo",
        ],
    ),
    (
        "display_name",
        &[
            "name",
            "fullname",
            "cn",
            "anzeigename",
            "vollername",
            "nomcomplet",
            "nomaffiche",
            "nombrecompleto",
            "nombreparamostrar",
        ],
    ),
    ("given_name", &["firstname", "forename", "vorname", "prenom", "nombre"]),
    (
        "surname",
        &["lastname", "familyname", "sn", "nachname", "familienname", "nom", "nomdefamille", "apellido", "apellidos"],
    ),
    (
        "title",
        &[
            "jobtitle",
            "position",
            "role",
            "berufsbezeichnung",
            "funktion",
            "titel",
            "stelle",
            "fonction",
            "poste",
            "titre",
            "cargo",
            "puesto",
        ],
    ),
    ("department", &["dept", "abteilung", "departement", "service", "departamento"]),
    (
        "company",
        &["companyname", "organisation", "organization", "firma", "unternehmen", "societe", "entreprise", "empresa"],
    ),
    (
        "office",
        &[
            "officelocation",
            "physicaldeliveryofficename",
            "location",
            "buero",
            "buro",
            "standort",
            "bureau",
            "site",
            "oficina",
        ],
    ),
    (
        "phone",
        &[
            "telephone",
            "phonenumber",
            "telephonenumber",
            "businessphone",
            "businessphones",
            "workphone",
            "officephone",
            "tel",
            "telefon",
            "telefonnummer",
            "rufnummer",
            "telefono",
        ],
    ),
    (
        "mobile",
        &[
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "handy",
            "mobil",
            "mobiltelefon",
            "mobilnummer",
            "portable",
            "movil",
        ],
    ),
    ("fax", &["faxnumber", "facsimiletelephonenumber", "faxnummer", "telefax", "telecopie"]),
    ("website", &["web", "url", "homepage", "webpage", "wwwhomepage", "webseite", "siteweb", "sitioweb"]),
    ("street", &["streetaddress", "strasse", "anschrift", "adresse", "rue", "calle", "direccion"]),
    ("city", &["town", "l", "ort", "stadt", "ville", "ciudad"]),
    ("state", &["stateorprovince", "province", "region", "st", "bundesland", "provincia", "estado"]),
    ("postal_code", &["zip", "zipcode", "postcode", "plz", "postleitzahl", "codepostal", "codigopostal", "cp"]),
    ("country", &["countryorregion", "co", "land", "pays", "pais"]),
    ("pronouns", &["pronomen", "pronoms", "pronombres"]),
    ("photo", &["picture", "thumbnailphoto", "foto", "bild"]),
];

/// Usual names of a field's columns, in lower case, only letters and digits.
pub fn usual_columns(token: &str) -> &'static [&'static str] {
    USUAL.iter().find(|(known, _)| *known == token).map_or(&[], |(_, names)| *names)
}

/// Guesses the field of each column, as token ([`ADDRESS`] for the address), from the token itself, the label, or a usual
/// name. Each field is used once. `fields`: token and label of all fields.
pub fn guess(columns: &[String], fields: &[(String, String)]) -> Vec<Option<String>> {
    let columns: Vec<String> = columns.iter().map(|name| bare(name)).collect();
    let mut guesses = vec![None; columns.len()];
    let mut give = |token: &str, names: &dyn Fn(&str) -> bool| {
        if guesses.iter().any(|given: &Option<String>| given.as_deref() == Some(token)) {
            return;
        }
        let free = columns.iter().zip(&guesses).position(|(name, given)| given.is_none() && names(name));
        if let Some(at) = free {
            guesses[at] = Some(token.to_owned());
        }
    };
    give(ADDRESS, &|name| {
        name == ADDRESS && !columns.iter().any(|other| usual_columns(ADDRESS).contains(&other.as_str()))
    });
    // A mail address takes precedence over a sign-in name.
    for usual in usual_columns(ADDRESS) {
        give(ADDRESS, &|name| name == *usual);
    }
    for (token, _) in fields {
        give(token, &|name| name == bare(token));
    }
    for (token, label) in fields {
        give(token, &|name| name == bare(label));
    }
    for (token, _) in fields {
        give(token, &|name| usual_columns(token).contains(&name));
    }
    // In a file with a column for e-mail addresses, "address" is a postal address.
    if fields.iter().any(|(token, _)| token == "street") {
        give("street", &|name| name == ADDRESS);
    }
    guesses
}

fn bare(name: &str) -> String {
    fold(name).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &[&str], expected: &[&str]) {
        let mut fields: Vec<_> =
            email_signature::BUILT_IN_FIELDS.iter().map(|(token, label)| ((*token).into(), (*label).into())).collect();
        fields.retain(|(token, _): &(String, String)| token != "email");
        fields.push(("cost_centre".to_owned(), "Kostenstelle".to_owned()));
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let guessed = guess(&columns, &fields);
        let guessed: Vec<_> = guessed.iter().map(|token| token.as_deref().unwrap_or("-")).collect();
        assert_eq!(guessed, expected, "{columns:?}");
    }

    #[test]
    fn columns_are_known_by_token_label_and_usual_names() {
        check(&["address", "display_name", "cost_centre"], &["address", "display_name", "cost_centre"]);
        check(&["E-Mail", "Job title", "KOSTENSTELLE", "Shoe size"], &["address", "title", "cost_centre", "-"]);
        check(
            &["E-Mail-Adresse", "Vorname", "Nachname", "Straße", "PLZ"],
            &["address", "given_name", "surname", "street", "postal_code"],
        );
        check(
            &["Courriel", "Prénom", "Nom", "Téléphone", "Ville"],
            &["address", "given_name", "surname", "phone", "city"],
        );
        check(&["Correo electrónico", "Nombre", "Apellidos", "País"], &["address", "given_name", "surname", "country"]);
        check(&["UserPrincipalName", "mail", "Address"], &["-", "address", "street"]);
        check(&["Name", "Title", "Title"], &["display_name", "title", "-"]);
    }
}
