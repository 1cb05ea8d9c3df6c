//! People, their fields and values.

pub(in crate::store) mod change_person;
pub(in crate::store) mod fields;
pub(in crate::store) mod load_people;
pub(in crate::store) mod own_fields;
pub(in crate::store) mod packed;
pub(in crate::store) mod person_detail;
pub(in crate::store) mod photos;
pub(in crate::store) mod source;
pub(in crate::store) mod values;
