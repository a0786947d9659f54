/*
 * base/languages.c
 *	  Texts in the language of lc_messages: where the catalogues are, and what statements of SQL say.
 *
 * What ereport() is given, it translates by itself, by TEXTDOMAIN.  Every other text that a user reads stands in
 * rgt_text(), or in a statement in regtarget.translated(); src/README.md has the rule.
 */
#include "postgres.h"

#ifndef WIN32
#include <dlfcn.h>
#endif
#include <sys/stat.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "regtarget.h"

#ifdef ENABLE_NLS

/* Is the last part of a path that tail, whole names alone?  Its length without it. */
static bool
ends_with(const char *path, const char *tail, size_t *length)
{
	size_t		n = strlen(path);
	size_t		m = strlen(tail);

	if (m > n || strcmp(path + n - m, tail) != 0 || (m < n && m > 0 && path[n - m - 1] != '/'))
		return false;
	*length = n - m;
	return true;
}

/*
 * Where this library was loaded from another tree than the server's (a staged installation, one below a prefix of
 * its own), that tree's folder of catalogues: it lies there as the server's lies beside the server's libraries.
 */
static bool
own_locale_path(char *path)
{
#ifndef WIN32
	char		locale[MAXPGPATH];
	char		libraries[MAXPGPATH];
	size_t		common = 0;
	size_t		length;
	struct stat found;
	Dl_info		library;

	if (dladdr((void *) own_locale_path, &library) == 0 || library.dli_fname == NULL)
		return false;
	strlcpy(libraries, library.dli_fname, MAXPGPATH);
	get_parent_directory(libraries);
	get_locale_path(my_exec_path, locale);
	if (strcmp(libraries, pkglib_path) == 0)
		return false;

	for (int i = 0; locale[i] != '\0' && locale[i] == pkglib_path[i]; i++)
	{
		if (locale[i] == '/')
			common = i + 1;
	}
	if (!ends_with(libraries, pkglib_path + common, &length))
		return false;
	snprintf(path, MAXPGPATH, "%.*s%s", (int) length, libraries, locale + common);
	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
#else
	return false;
#endif
}

/*
 * Can every catalogue be written in the database's encoding?  Where not, gettext would give question marks in place
 * of letters, for all of a text.
 */
static bool
encoding_has_all_letters(void)
{
	return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_EUC_CN;
}
#endif							/* ENABLE_NLS */

/*
 * Tell gettext where our catalogues are and which encoding it shall give: that of the database, which is not known yet
 * where the postmaster loads the library.
 */
void
rgt_bind_languages(void)
{
#ifdef ENABLE_NLS
	static int	bound_to = -1;
	char		path[MAXPGPATH];

	if (bound_to == GetDatabaseEncoding())
		return;
	bound_to = GetDatabaseEncoding();
	pg_bindtextdomain(TEXTDOMAIN);
	if (!encoding_has_all_letters())
		bindtextdomain(TEXTDOMAIN, pkglib_path);	/* no catalogues there: English remains */
	else if (own_locale_path(path))
		bindtextdomain(TEXTDOMAIN, path);
#endif
}

/* Part sentences: by a blank, unless a full stop such as the Chinese one, which has its own room, stands before it. */
void
rgt_next_sentence(StringInfo said)
{
	if (said->len > 0 && !IS_HIGHBIT_SET(said->data[said->len - 1]))
		appendStringInfoChar(said, ' ');
}

/* A text of a view or a statement in the language of lc_messages. */
PG_FUNCTION_INFO_V1(rgt_translated);
PGDLLEXPORT Datum
rgt_translated(PG_FUNCTION_ARGS)
{
	char	   *english;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	rgt_bind_languages();
	english = text_to_cstring(PG_GETARG_TEXT_PP(0));
	/* gettext translates an empty text to the head of its catalogue. */
	PG_RETURN_TEXT_P(cstring_to_text(english[0] == '\0' ? english : rgt_text(english)));
}
