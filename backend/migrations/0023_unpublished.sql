-- A draft is an email that somebody writes, and no template.
alter table template_drafts rename to unpublished_templates;
alter table rule_drafts rename to unpublished_rules;
