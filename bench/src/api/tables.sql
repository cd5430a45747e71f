-- What a middling company has: 5,000 partners, 30,000 accounts, 100,000 leads, 50,000 opportunities. Ids are in the order of time.
CREATE FUNCTION pg_temp.id(of text, number bigint) RETURNS uuid LANGUAGE sql AS
$$ SELECT ('0190000' || of || '-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;

INSERT INTO partners (id, version, legal_name, types, status, locale, timezone, created_at, created_by, updated_at)
SELECT pg_temp.id('1', n), 1, '販売店' || n || '株式会社', 'RESELLER', 'ACTIVE', 'ja', 'Asia/Tokyo', now(), 'bench', now()
FROM generate_series(1, 5000) AS n;

INSERT INTO golden_accounts (id, version, created_at, updated_at, name, corporate_number, industry, region)
SELECT pg_temp.id('2', n), 1, now(), now(), '得意先' || n || '株式会社', lpad(n::text, 13, '1'), 'MANUFACTURING', 'region ' || 1 + n % 47
FROM generate_series(1, 30000) AS n;

INSERT INTO golden_leads (id, version, created_at, updated_at, last_name, first_name, company, title, email, phone, region, country,
                          source_channel, origin, stage, score, consent_to_share, assigned_partner_id, account_id)
SELECT pg_temp.id('3', n), 1, now() - make_interval(secs => 100000 - n), now() - make_interval(secs => 100000 - n),
       '姓' || n, '名' || n, '見込客' || n || '株式会社', '部長', 'lead' || n || '@customer' || n || '.example.jp', '03-0000-' || lpad(n::text, 6, '0'),
       'region ' || 1 + n % 47, 'JP', 'WEB', 'VENDOR', (ARRAY['NEW', 'ASSIGNED', 'WORKING', 'QUALIFIED', 'DISQUALIFIED'])[1 + n % 5],
       (n % 100)::text, true, pg_temp.id('1', 1 + n % 5000), pg_temp.id('2', 1 + n % 30000)
FROM generate_series(1, 100000) AS n;

INSERT INTO golden_opportunities (id, version, created_at, updated_at, name, stage, currency, amount_minor, close_date, is_closed, is_won,
                                  account_id, sourcing_partner_id)
SELECT pg_temp.id('4', n), 1, now(), now(), '案件' || n, 'Proposal', 'JPY', 500000 + n, '2030-03-31', false, false,
       pg_temp.id('2', 1 + n % 30000), pg_temp.id('1', 1 + n % 5000)
FROM generate_series(1, 50000) AS n;

ANALYZE;
