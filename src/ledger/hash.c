/*
 * ledger/hash.c
 *	  What the hashes of the ledger cover.
 *
 * The hash of an entry is the SHA-256 of these texts, in UTF-8, each with its length in bytes and a
 * colon before it, without anything in between:
 *	 the hash of the entry before, in hexadecimal (empty for the first), unit_id, entry, at in
 *	 microseconds since 1970, actor, action, details as jsonb writes itself; and login, where there is one.
 * No setting of a session changes any of them, nor does the encoding of the database, as long as it
 * says what its bytes mean (SQL_ASCII does not: there the bytes are taken as they are).
 *
 * The digest of a plan is the SHA-256 of its targets by unit_id, of each in the same form: unit_id, and
 * the baseline without trailing zeros.  Its record is that of the rest: see rgt_plan_record().
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/string.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "ledger/chain.h"
#include "regtarget.h"

/* So much text is passed on to the hash at once. */
#define FEED_BYTES 8192

struct RgtHasher
{
	pg_cryptohash_ctx *context;
	StringInfoData covered;		/* what the hash covers, and has not been passed on */
	StringInfoData details;
};

static void
add_field(RgtHasher *hasher, const char *bytes, int length)
{
	char		digits[12];

	appendBinaryStringInfo(&hasher->covered, digits, pg_ltoa(length, digits));
	appendStringInfoChar(&hasher->covered, ':');
	appendBinaryStringInfo(&hasher->covered, bytes, length);
}

/* A text of the database, in UTF-8; as it is where the server does not know what its bytes mean. */
static void
add_text(RgtHasher *hasher, const char *text, int length)
{
	int			encoding = GetDatabaseEncoding();
	char	   *utf8;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || encoding == PG_MULE_INTERNAL || pg_is_ascii(text))
	{
		add_field(hasher, text, length);
		return;
	}
	utf8 = pg_server_to_any(text, length, PG_UTF8);
	add_field(hasher, utf8, strlen(utf8));
	pfree(utf8);
}

static void
add_number(RgtHasher *hasher, int64 number)
{
	char		digits[MAXINT8LEN + 1];

	add_field(hasher, digits, pg_lltoa(number, digits));
}

static void
require_hash(const RgtHasher *hasher, int result)
{
	if (result < 0)
		elog(ERROR, "could not compute a SHA-256: %s", pg_cryptohash_error(hasher->context));
}

static void
begin_hash(RgtHasher *hasher)
{
	require_hash(hasher, pg_cryptohash_init(hasher->context));
	resetStringInfo(&hasher->covered);
}

/* Pass on what the hash covers so far. */
static void
feed_hash(RgtHasher *hasher)
{
	require_hash(hasher, pg_cryptohash_update(hasher->context, (uint8 *) hasher->covered.data, hasher->covered.len));
	resetStringInfo(&hasher->covered);
}

static void
end_hash(RgtHasher *hasher, uint8 *hash)
{
	feed_hash(hasher);
	require_hash(hasher, pg_cryptohash_final(hasher->context, hash, RGT_HASH_LENGTH));
}

RgtHasher *
rgt_hasher(void)
{
	RgtHasher  *hasher = palloc(sizeof(RgtHasher));

	hasher->context = pg_cryptohash_create(PG_SHA256);
	if (hasher->context == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	initStringInfo(&hasher->covered);
	initStringInfo(&hasher->details);
	begin_hash(hasher);
	return hasher;
}

void
rgt_hasher_free(RgtHasher *hasher)
{
	pg_cryptohash_free(hasher->context);
	pfree(hasher->covered.data);
	pfree(hasher->details.data);
	pfree(hasher);
}

/* The hash of an entry that follows `previous`. */
void
rgt_hash_row(RgtHasher *hasher, const RgtLink *previous, const RgtLedgerRow *row, uint8 *hash)
{
	char		hex[2 * RGT_HASH_LENGTH];
	Jsonb	   *details = DatumGetJsonbP(row->details);

	begin_hash(hasher);
	resetStringInfo(&hasher->details);
	add_field(hasher, hex, hex_encode((const char *) previous->hash, previous->length, hex));
	add_number(hasher, row->unit_id);
	add_number(hasher, row->entry);
	add_number(hasher, row->at + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY);
	add_text(hasher, row->actor, strlen(row->actor));
	add_text(hasher, row->action, strlen(row->action));
	JsonbToCString(&hasher->details, &details->root, VARSIZE(details));
	add_text(hasher, hasher->details.data, hasher->details.len);
	if (row->login != NULL)
		add_text(hasher, row->login, strlen(row->login));
	end_hash(hasher, hash);
}

/*
 * One more target of a published plan, by unit_id.  Trailing zeros of an amount mean nothing, and are
 * left out.  Leaves memory to its context.
 */
void
rgt_hash_baseline(RgtHasher *hasher, int32 unit_id, Datum baseline)
{
	Datum		trimmed = DirectFunctionCall1(numeric_trim_scale, baseline);
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, trimmed));

	add_number(hasher, unit_id);
	add_field(hasher, text, strlen(text));
	if (hasher->covered.len >= FEED_BYTES)
		feed_hash(hasher);
}

/* One more text, and one more string of bytes, of something else. */
void
rgt_hash_text(RgtHasher *hasher, const char *text)
{
	add_text(hasher, text, strlen(text));
	if (hasher->covered.len >= FEED_BYTES)
		feed_hash(hasher);
}

void
rgt_hash_bytes(RgtHasher *hasher, Datum bytes)
{
	bytea	   *plain = DatumGetByteaPP(bytes);

	add_field(hasher, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
	if (hasher->covered.len >= FEED_BYTES)
		feed_hash(hasher);
}

/* In hexadecimal. */
char *
rgt_hash_done(RgtHasher *hasher)
{
	uint8		hash[RGT_HASH_LENGTH];
	char	   *hex = palloc(2 * RGT_HASH_LENGTH + 1);

	end_hash(hasher, hash);
	hex[hex_encode((char *) hash, RGT_HASH_LENGTH, hex)] = '\0';
	return hex;
}
