// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import type { GraphPlace } from "./age-options.ts";

/**
 * Ids at and above this number, within a label, belong to records and links. Those that plain Cypher gives begin at 1
 * and count up, and 48 bits hold both.
 */
const mark = 2 ** 40;
const lastEntry = 2 ** 48 - 1;
/** The version of the functions and triggers; part of the triggers' names, so that everyone can see it. */
const version = 1;

/** A trigger that keeps the graph in step, on a table of the records. */
export interface GraphTrigger {
  readonly name: string;
  readonly table: "content" | "edge";
}

/** The triggers of a graph; where one is missing or switched off, the graph is not in step. */
export function graphTriggers({ graph }: GraphPlace): readonly GraphTrigger[] {
  return [
    { name: `${graph}_v${version}_put`, table: "content" },
    { name: `${graph}_v${version}_change`, table: "content" },
    { name: `${graph}_v${version}_link`, table: "edge" },
    { name: `${graph}_v${version}_arrival`, table: "edge" },
  ];
}

/**
 * Writes the functions and triggers of a graph. The functions stand in the graph's own schema: whoever drops the graph
 * drops them and the triggers with it, and the records go on without. They run with the rights of the user who made
 * them, so that whoever may put a record needs no right on the graph.
 */
export function graphFunctions(place: GraphPlace): string {
  const { graph, schema } = place;
  const [put, change, link, arrival] = graphTriggers(place).map(({ name }) => name);
  const settings = `LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ag_catalog, pg_temp`;
  const links = "SELECT from_key, place, relation, to_key FROM";
  const held = "to_key > 0 AND digest IS NULL";
  return `
CREATE SEQUENCE IF NOT EXISTS ${graph}._rmtc_edge MINVALUE ${mark} MAXVALUE ${lastEntry};

-- A label and its table, made if need be, with indices for whatever this program asks of it.
CREATE OR REPLACE FUNCTION ${graph}._rmtc_label(wanted text, wanted_kind "char", OUT id integer, OUT target text)
${settings} AS $body$
DECLARE
  is_vertex boolean := wanted_kind = 'v';
  chosen text;
  chosen_kind "char";
BEGIN
  -- The first of these names that is free or a label of this kind already; AGE's own label always is.
  FOREACH chosen IN ARRAY
    CASE WHEN wanted ~ '^[A-Za-z][A-Za-z0-9_]{0,62}$' AND wanted NOT IN ('Record', 'link') THEN ARRAY[wanted] ELSE '{}' END
    || CASE WHEN is_vertex THEN '{Record,_ag_label_vertex}'::text[] ELSE '{link,_ag_label_edge}' END
  LOOP
    SELECT l.kind::"char" INTO chosen_kind FROM ag_label l JOIN ag_graph g ON g.graphid = l.graph
    WHERE g.name = '${graph}' AND l.name = chosen;
    EXIT WHEN NOT FOUND OR chosen_kind = wanted_kind;
  END LOOP;
  IF chosen_kind IS NULL THEN
    EXECUTE format('SELECT ag_catalog.create_%slabel(%L, %L)', wanted_kind, '${graph}', chosen);
  END IF;
  SELECT l.id, l.relation::regclass::text INTO id, target FROM ag_label l JOIN ag_graph g ON g.graphid = l.graph
  WHERE g.name = '${graph}' AND l.name = chosen;
  IF to_regclass(format('${graph}._rmtc_foreign_%s', id)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE INDEX _rmtc_foreign_%s ON %s (id) WHERE id < ag_catalog._graphid(%s, ${mark})',
    id, target, id);
  PERFORM ${graph}._rmtc_index(target::regclass, name)
  FROM unnest(CASE WHEN is_vertex THEN '{id}' ELSE '{start_id,end_id}'::text[] END) name;
END
$body$;

CREATE OR REPLACE FUNCTION ${graph}._rmtc_index(target regclass, wanted text) RETURNS void ${settings} AS $body$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = target AND a.attname = wanted AND i.indpred IS NULL
  ) THEN
    EXECUTE format('CREATE INDEX ON %s (%I)', target, wanted);
  END IF;
END
$body$;

-- The JSON of a part's column, which begins with a salt of 22 characters.
CREATE OR REPLACE FUNCTION ${graph}._rmtc_part(name text, part text) RETURNS text LANGUAGE sql IMMUTABLE AS $body$
  SELECT CASE WHEN part IS NULL THEN '' ELSE ',"' || name || '":' || substr(part, 23) END
$body$;

CREATE OR REPLACE FUNCTION ${graph}._rmtc_properties(
  id uuid, kind text, created text, digest bytea, name text, version text, tags text
) RETURNS ag_catalog.agtype LANGUAGE sql IMMUTABLE AS $body$
  SELECT ag_catalog.agtype_in(textout(
    '{"id":"urn:uuid:' || id || '","kind":' || to_json(kind)::text || ',"createdAt":' || to_json(created)::text
    || ',"digest":"sha256:' || encode(digest, 'hex') || '"' || ${graph}._rmtc_part('name', name)
    || ${graph}._rmtc_part('version', version) || ${graph}._rmtc_part('tags', tags) || '}'))
$body$;

CREATE OR REPLACE FUNCTION ${graph}.${put}() RETURNS trigger ${settings} AS $body$
DECLARE kind_name text; label record;
BEGIN${addVertices(place, "arrived")}
  RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION ${graph}.${change}() RETURNS trigger ${settings} AS $body$
DECLARE kind_name text; label record;
BEGIN
  FOR kind_name IN
    SELECT DISTINCT r.kind FROM after a JOIN before b ON b.position = a.position
    JOIN ${schema}.record r ON r.position = a.position
    WHERE (a.name, a.version, a.tags) IS DISTINCT FROM (b.name, b.version, b.tags)
  LOOP
    SELECT * INTO label FROM ${graph}._rmtc_label(kind_name, 'v');
    EXECUTE format('UPDATE %s v SET properties = ${properties(place, "a")}
      FROM after a JOIN ${schema}.record r ON r.position = a.position
      WHERE r.kind = %L AND v.id = _graphid(%s, ${mark} + r.position)', label.target, kind_name, label.id);
  END LOOP;
  RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION ${graph}.${link}() RETURNS trigger ${settings} AS $body$
DECLARE rel_code integer; rel_name text; label record; kinds text[]; labels integer[];
BEGIN${addEdges(place, `${links} arrived WHERE ${held}`)}
  RETURN NULL;
END
$body$;

CREATE OR REPLACE FUNCTION ${graph}.${arrival}() RETURNS trigger ${settings} AS $body$
DECLARE rel_code integer; rel_name text; label record; kinds text[]; labels integer[];
BEGIN${addEdges(
    place,
    `SELECT a.from_key, a.place, a.relation, a.to_key FROM after a
      JOIN before b ON b.from_key = a.from_key AND b.place = a.place
      WHERE b.to_key < 0 AND a.to_key > 0 AND a.digest IS NULL`,
  )}
  RETURN NULL;
END
$body$;

-- Takes everything that stands for records out of the graph and puts it in again; what plain Cypher made stays.
CREATE OR REPLACE FUNCTION ${graph}._rmtc_fill() RETURNS void ${settings} AS $body$
DECLARE kind_name text; rel_code integer; rel_name text; label record; kinds text[]; labels integer[];
BEGIN
  FOR label IN
    SELECT l.id, l.relation::regclass::text AS target FROM ag_label l JOIN ag_graph g ON g.graphid = l.graph
    WHERE g.name = '${graph}'
  LOOP
    EXECUTE format('DELETE FROM ONLY %s WHERE id >= _graphid(%s, ${mark})',
      label.target, label.id);
  END LOOP;
  PERFORM setval('${graph}._rmtc_edge', ${mark}, false);${addVertices(place, `${schema}.content`)}${addEdges(place, `${links} ${schema}.edge WHERE ${held}`)}
END
$body$;

-- The records that an edge touches which no link of a record made.
CREATE OR REPLACE FUNCTION ${graph}._rmtc_touched() RETURNS SETOF uuid STABLE ${settings} AS $body$
DECLARE label record; condition text;
BEGIN
  FOR label IN
    SELECT l.id, l.relation::regclass::text AS target,
      l.name IN ('link', '_ag_label_edge') OR EXISTS (SELECT FROM ${schema}.relation WHERE name = l.name::text) AS own
    FROM ag_label l JOIN ag_graph g ON g.graphid = l.graph WHERE g.name = '${graph}' AND l.kind = 'e'
  LOOP
    condition := CASE WHEN label.own
      THEN format('id < _graphid(%s, ${mark})', label.id) ELSE 'true' END;
    RETURN QUERY EXECUTE format('
      SELECT DISTINCT r.id FROM (SELECT start_id, end_id FROM ONLY %s WHERE %s) e
      CROSS JOIN LATERAL (VALUES (start_id), (end_id)) ends(vertex)
      JOIN ${schema}.record r ON r.position = (vertex::text::bigint & ${lastEntry}) - ${mark}', label.target, condition);
  END LOOP;
END
$body$;

REVOKE ALL ON FUNCTION ${graph}._rmtc_fill(), ${graph}._rmtc_label(text, "char"), ${graph}._rmtc_index(regclass, text) FROM PUBLIC;

${trigger(place, put, "INSERT ON", "content", "NEW TABLE AS arrived")}
${trigger(place, change, "UPDATE ON", "content", "OLD TABLE AS before NEW TABLE AS after")}
${trigger(place, link, "INSERT ON", "edge", "NEW TABLE AS arrived")}
${trigger(place, arrival, "UPDATE ON", "edge", "OLD TABLE AS before NEW TABLE AS after")}
`;
}

function trigger(
  { graph, schema }: GraphPlace,
  name: string | undefined,
  event: string,
  table: string,
  tables: string,
): string {
  return `DROP TRIGGER IF EXISTS ${name} ON ${schema}.${table};
CREATE TRIGGER ${name} AFTER ${event} ${schema}.${table} REFERENCING ${tables}
  FOR EACH STATEMENT EXECUTE FUNCTION ${graph}.${name}();`;
}

/** The properties of a record \`r\` with the parts of a row of \`content\`. */
function properties({ graph }: GraphPlace, content: string): string {
  const parts = ["name", "version", "tags"].map((name) => `${content}.${name}`).join(", ");
  return `${graph}._rmtc_properties(r.id, r.kind, r.created, r.digest, ${parts})`;
}

/** Statements that make vertices from rows of \`content\`, one label after the other. */
function addVertices(place: GraphPlace, source: string): string {
  const { graph, schema } = place;
  return `
  FOR kind_name IN SELECT DISTINCT r.kind FROM ${source} c JOIN ${schema}.record r ON r.position = c.position LOOP
    SELECT * INTO label FROM ${graph}._rmtc_label(kind_name, 'v');
    EXECUTE format('INSERT INTO %s (id, properties) SELECT _graphid(%s, ${mark} + r.position), ${properties(place, "c")}
      FROM ${source} c JOIN ${schema}.record r ON r.position = c.position WHERE r.kind = %L ORDER BY r.position',
      label.target, label.id, kind_name);
  END LOOP;`;
}

/** Statements that make edges from links whose targets are held, one label after the other. */
function addEdges({ graph, schema }: GraphPlace, links: string): string {
  return `
  SELECT array_agg(k.kind), array_agg((SELECT l.id FROM ${graph}._rmtc_label(k.kind, 'v') l)) INTO kinds, labels
  FROM (SELECT DISTINCT r.kind FROM (${links}) e JOIN ${schema}.record r ON r.position IN (e.from_key, e.to_key)) k;
  FOR rel_code, rel_name IN
    SELECT code, name FROM ${schema}.relation WHERE code IN (SELECT e.relation FROM (${links}) e)
  LOOP
    SELECT * INTO label FROM ${graph}._rmtc_label(rel_name, 'e');
    EXECUTE format('INSERT INTO %s (id, start_id, end_id, properties)
      SELECT _graphid(%s, nextval(''${graph}._rmtc_edge'')), newer, older, properties FROM (
        SELECT _graphid(fl.id, ${mark} + f.position) AS newer, _graphid(tl.id, ${mark} + t.position) AS older,
          agtype_in(textout(''{"rel":'' || to_json(%L::text)::text || '',"index":'' || e.place || ''}'')) AS properties
        FROM (${links}) e
        JOIN ${schema}.record f ON f.position = e.from_key JOIN unnest($1, $2) fl(kind, id) ON fl.kind = f.kind
        JOIN ${schema}.record t ON t.position = e.to_key JOIN unnest($1, $2) tl(kind, id) ON tl.kind = t.kind
        WHERE e.relation = %s ORDER BY e.from_key, e.place) made',
      label.target, label.id, rel_name, rel_code) USING kinds, labels;
  END LOOP;`;
}
