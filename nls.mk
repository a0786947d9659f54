# nls.mk: the catalogues of messages, as PostgreSQL's own modules have them (PGXS reads this file).
#
#   make update-po      writes po/LANGUAGE.po.new, with what the sources say now; look at it and rename it
#   make check-po       what has no translation, in any language (make lint asks the same)

CATALOG_NAME = regtarget
# PostgreSQL 15 reads the languages here, later ones in po/LINGUAS.
AVAIL_LANGUAGES = $(shell cat $(srcdir)/po/LINGUAS)
GETTEXT_FILES = $(OBJS:.o=.c) $(wildcard src/*.h src/*/*.h) po/statements.c
GETTEXT_TRIGGERS = $(BACKEND_COMMON_GETTEXT_TRIGGERS) rgt_text gettext_noop RGK_TEXT translated RULE ROWS
GETTEXT_FLAGS = $(BACKEND_COMMON_GETTEXT_FLAGS) rgt_text:1:pass-c-format

# Who builds without gettext's tools gets English, not an error.
ifeq (,$(shell command -v $(or $(MSGFMT),msgfmt) 2>/dev/null))
WANTED_LANGUAGES = none
endif

# xgettext does not read SQL.
po/statements.c: po/statements.sh $(ROOMS:%=sql/%.sql) $(OBJS:.o=.c)
	$(srcdir)/po/statements.sh $(filter sql/%.sql src/%.c,$^) > $@

.PHONY: check-po
check-po: po/$(CATALOG_NAME).pot
	$(srcdir)/po/check.sh $(AVAIL_LANGUAGES)
