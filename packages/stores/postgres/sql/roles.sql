-- SPDX-License-Identifier: Apache-2.0
-- Copyright Contributors to the RMTC for TypeScript Project.

-- Three roles for the tables of one schema, each with no more rights than it needs. Run it as the owner of the
-- tables, once they were made, and again after an update of RMTC:
--
--   psql --command "SET rmtc.schema = 'rmtc'" --file roles.sql pipeline
--
-- and give one of them to a user: GRANT rmtc_writer TO farm;
--
-- rmtc_reader   finds, traces and follows the feed
-- rmtc_writer   also puts records, discloses parts, and logs runs; it can change no envelope and erase nothing
-- rmtc_operator also erases parts
DO $$
DECLARE
  schema text := coalesce(nullif(current_setting('rmtc.schema', true), ''), 'rmtc');
  disclosed text;
BEGIN
  IF to_regrole('rmtc_reader') IS NULL THEN CREATE ROLE rmtc_reader NOLOGIN; END IF;
  IF to_regrole('rmtc_writer') IS NULL THEN CREATE ROLE rmtc_writer NOLOGIN; END IF;
  IF to_regrole('rmtc_operator') IS NULL THEN CREATE ROLE rmtc_operator NOLOGIN; END IF;
  GRANT rmtc_reader TO rmtc_writer;
  GRANT rmtc_writer TO rmtc_operator;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO rmtc_reader', schema);
  EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO rmtc_reader', schema);
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO rmtc_writer', schema);
  EXECUTE format('GRANT INSERT ON ALL TABLES IN SCHEMA %I TO rmtc_writer', schema);
  EXECUTE format('REVOKE INSERT ON %I.head FROM rmtc_writer', schema);
  EXECUTE format('GRANT UPDATE (position) ON %I.head TO rmtc_writer', schema);
  EXECUTE format('GRANT UPDATE (to_key, digest) ON %I.edge TO rmtc_writer', schema);
  EXECUTE format('GRANT UPDATE ON %I.run TO rmtc_writer', schema);
  EXECUTE format('GRANT DELETE ON %1$I.absent, %1$I.metric TO rmtc_writer', schema);
  -- A disclosure fills what is empty: nothing of the envelope, and no mark of an erasure.
  SELECT string_agg(quote_ident(column_name), ', ') INTO disclosed FROM information_schema.columns
    WHERE table_schema = schema AND table_name = 'record'
      AND column_name NOT IN ('position', 'id', 'digest', 'kind', 'partition', 'received', 'erased', 'created');
  EXECUTE format('GRANT UPDATE (%s) ON %I.record TO rmtc_writer', disclosed, schema);
  SELECT string_agg(quote_ident(column_name), ', ') INTO disclosed FROM information_schema.columns
    WHERE table_schema = schema AND table_name = 'content' AND column_name NOT IN ('position', 'envelope');
  EXECUTE format('GRANT UPDATE (%s) ON %I.content TO rmtc_writer', disclosed, schema);
  EXECUTE format('GRANT UPDATE (erased) ON %I.record TO rmtc_operator', schema);
  EXECUTE format('GRANT DELETE ON %I.term TO rmtc_operator', schema);
END
$$;
