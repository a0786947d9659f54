// Reads views through node-postgres, with the type parsers of doc/bi.md: see ClientTest.pm.
'use strict';

const { Client, types } = require('pg');

const classes = { 20: 'int', 21: 'int', 23: 'int', 25: 'text', 16: 'bool', 1082: 'date', 1114: 'timestamp', 701: 'float', 1700: 'numeric' };
const kinds = { int: ['number', 'string'], text: ['string'], bool: ['boolean'], date: ['string'], timestamp: ['string'],
	float: ['number'], numeric: ['string'] };
const plain = types.getTypeParser(1082);

// A day stays the day that it is, in any time zone, and so does a timestamp without zone.
types.setTypeParser(types.builtins.DATE, (text) => text);
types.setTypeParser(types.builtins.TIMESTAMP, (text) => text);

function escaped(value) {
	if (value === null)
		return '\\N';
	if (typeof value === 'boolean')
		return value ? 't' : 'f';
	return String(value).replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n');
}

function say(...fields) {
	process.stdout.write(fields.join('\t') + '\n');
}

function checked(value, name) {
	if (value !== null && !kinds[name].includes(typeof value))
		throw new Error(`${typeof value} in a column of ${name}`);
	return escaped(value);
}

async function errorOf(db, statement, values) {
	try {
		await db.query(statement, values);
	} catch (e) {
		say('error', e.code, escaped(e.message), escaped(e.hint ?? null));
	}
}

async function main() {
	const db = new Client();

	await db.connect();
	for (const view of process.argv.slice(2)) {
		const result = await db.query({ text: `SELECT * FROM regtarget.${view}`, rowMode: 'array' });
		const names = result.fields.map((f) => {
			const name = classes[f.dataTypeID] ?? '?';
			const length = f.dataTypeModifier - 4;

			return name === 'numeric' && length >= 0 ? `numeric(${length >> 16},${length & 0x7ff})` : name;
		});

		say('view', view);
		say('type', ...names);
		for (const row of result.rows)
			say('row', ...row.map((value, i) => checked(value, names[i].split('(')[0])));
	}

	const { rows } = await db.query({ text: 'SELECT $1::date, $2::text', values: ['2025-07-01', '深圳'], rowMode: 'array' });
	say('parameters', ...rows[0].map(escaped));
	await errorOf(db, "SELECT * FROM regtarget.explain_target($1, '2025Q1')", ['深圳']);
	await errorOf(db, 'UPDATE regtarget.targets SET amount = amount', []);
	// What the driver does without the parsers: a local midnight, which in UTC is the day before.
	say('trap', plain('2025-07-01').toISOString());
	await db.end();
}

main().catch((e) => { console.error(e); process.exit(1); });
