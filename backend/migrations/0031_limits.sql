-- What an editor is limited to, as JSON; null: nothing, they may edit everything.
alter table members add column limits text;
alter table invitations add column limits text;
