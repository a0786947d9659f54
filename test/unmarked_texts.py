#!/usr/bin/env python3
"""Texts that a user may read and that no catalogue can have, as nothing marks them: file, line, text.

In C: literals of some words of prose that stand in none of the calls which xgettext looks for (nls.mk). In scripts and
statements: the same in quotes, beside regtarget.translated(). What is said among ourselves is left out, by the call it is in.
"""
import glob
import re
import sys

MARKED = {'errmsg', 'errmsg_plural', 'errdetail', 'errdetail_plural', 'errhint', 'errhint_plural', 'errcontext', 'rgt_text',
          'gettext_noop', 'RULE', 'ROWS'}
AMONG_OURSELVES = {'elog', 'AllocSetContextCreate', 'StaticAssertDecl', 'StaticAssertStmt', 'SetTuplestoreDestReceiverParams',
                   'rgt_enter_to_write', 'strcmp', 'strspn', 'strcspn', 'error'}
CODES = {'no closing day', 'too few to say', 'cannot be shown', 'no difference shown'}  # of data_warnings, verdicts
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|\'(?:\\.|[^\'\\])*\'|#\s*error[^\n]*|[A-Za-z_]\w*|\s+|.', re.S)
PROSE = re.compile(r'[a-z]{2,}[,:;]? [a-z]{2,} [a-z%"\\]|[A-Z][a-z]+ [a-z]+ [a-z]+')
SQL = re.compile(r'\b(SELECT|FROM|WHERE|JOIN|UNION|VALUES|INSERT|UPDATE|DELETE|CASE|WHEN|THEN|ELSE|END|ORDER BY|GROUP BY|AS|ON|'
                 r'SET|IN|AND|OR|IS|NULL|REFERENCING|OPERATOR|CREATE|COST|FILTER|HAVING|ANY)\b')
QUOTED = re.compile(r"(translated\()?'((?:[^']|'')*)'")


def quoted(text):
    """Prose in quotes of SQL that is not translated."""
    texts = [m.group(2) for m in QUOTED.finditer(text) if not m.group(1)]
    return [words for words in texts if PROSE.search(words) and not SQL.search(words) and words not in CODES]


def of_c(text):
    line, stack, last, literal, start = 1, [], None, None, 0
    for token in (m.group(0) for m in TOKEN.finditer(text)):
        if token.startswith('"'):
            if literal is None:
                literal, start = '', line
            literal += token[1:-1]
        elif not token.isspace() and not token.startswith(('/*', '#')):
            if literal is not None and not re.match(r'PRI|INT64_FORMAT|RGT_|[A-Z_]+$', token):
                calls = set(stack)
                if SQL.search(literal) or 'translated(' in literal:
                    yield from ((start, words) for words in quoted(literal))
                elif PROSE.search(literal) and literal not in CODES and not calls & (MARKED | AMONG_OURSELVES):
                    yield start, literal
                literal = None
            if token == '(':
                stack.append(last)
            elif token == ')' and stack:
                stack.pop()
            last = token
        line += token.count('\n')


def of_sql(text):
    text = re.sub(r"COMMENT ON .*?IS\s+'(?:[^']|'')*';", lambda m: '\n' * m.group(0).count('\n'), text, flags=re.S)
    text = re.sub(r'--[^\n]*', '', text)
    for number, line in enumerate(text.split('\n'), 1):
        yield from ((number, words) for words in quoted(line))


def main():
    for name in sorted(glob.glob('src/**/*.[ch]', recursive=True) + glob.glob('sql/*.sql')):
        if name.startswith('src/kernel/') or name.endswith('comments_zh.sql') or '--' in name:
            continue
        with open(name, encoding='utf-8') as file:
            for line, text in (of_sql if name.endswith('.sql') else of_c)(file.read()):
                if text not in CODES:
                    print(f'{name}:{line}: {text}')


main()
