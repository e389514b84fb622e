-- MON-6: what a carried amount is for, so that nothing of it is given back before it is paid; null on other lines.
alter table invoice_lines add column carries jsonb;

-- SBI-11: a member whose new seat is not paid for is disabled for the reason of before.
alter table members add column reason_before text;
