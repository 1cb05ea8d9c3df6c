//! demo_company
