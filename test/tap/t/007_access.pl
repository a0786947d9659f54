# Duties and the privileges that go with them survive a dump, whatever the format, and each login sees
# the same afterwards; an index or a materialized view of somebody else's speaks for nobody.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('access');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub db { return $node->connstr(shift) }

$node->safe_psql('postgres', 'CREATE DATABASE source TEMPLATE template0');
$node->safe_psql('source', 'CREATE EXTENSION regtarget CASCADE');
silent_ok('fill.sql runs', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/filled",
	'-d', db('source'), '-f', "$FindBin::Bin/../fill.sql");

# Role to its duty; one of them inherits, one has a name that needs quoting twice.
my %duties = (
	'top planner' => [ 'CN', 'planner' ],
	east => [ 'R1', 'manager' ],
	'o\'dd "name"' => [ 'R2', 'finance' ],
	viewer => [ 'HK', 'viewer' ]);

sub identifier { my $name = shift; $name =~ s/"/""/g; return qq{"$name"} }
sub literal { my $text = shift; $text =~ s/'/''/g; return "'$text'" }

foreach my $role (sort keys %duties)
{
	$node->safe_psql('source', 'CREATE ROLE ' . identifier($role) . ' LOGIN');
	$node->safe_psql('source', sprintf('SELECT regtarget.grant_duty(%s, %s, %s)',
			literal($role), map { literal($_) } @{ $duties{$role} }));
}
$node->safe_psql('source', 'CREATE ROLE heir LOGIN IN ROLE east');

# What each sees of everything, as a login of his own.  What is kept of the facts may be folded or not:
# of that the view tells, and vitals how much is not. Nor has a dump the numbers of relations.
sub sights
{
	my ($db) = @_;
	my @sights;

	foreach my $role (sort(keys %duties), 'heir')
	{
		foreach my $relation (grep { !/activity_|source_|attached_relations/ } members($node, $db, 'r', 'v'))
		{
			my ($status, $out, $err) = $node->psql($db,
				qq{SELECT '$relation', count(*), md5(string_agg(t::text, ',' ORDER BY t::text COLLATE "C")) FROM $relation t} .
				($relation eq 'regtarget.vitals' ? q{ WHERE name <> 'unfolded_deltas'} : ''),
				extra_params => [ '-U', $role ]);
			push @sights, "$role $out $err";
		}
	}
	return join "\n", @sights;
}

my $privileges = q{
	SELECT 'r', c.oid::regclass::text, c.relacl::text FROM pg_class c WHERE c.relnamespace = 'regtarget'::regnamespace
	UNION ALL SELECT 'f', p.oid::regprocedure::text, p.proacl::text FROM pg_proc p WHERE p.pronamespace = 'regtarget'::regnamespace
	UNION ALL SELECT 'c', a.attrelid::regclass || '.' || a.attname, a.attacl::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relnamespace = 'regtarget'::regnamespace AND a.attacl IS NOT NULL
	UNION ALL SELECT 'n', nspname, nspacl::text FROM pg_namespace WHERE nspname = 'regtarget'
	UNION ALL SELECT 'p', polrelid::regclass || '.' || polname, concat_ws(' ', polcmd::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
		FROM pg_policy
	UNION ALL SELECT 's', oid::regclass::text, relrowsecurity::text FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind = 'r'
	ORDER BY 1, 2};
my $granted = $node->safe_psql('source', $privileges);
my $seen = sights('source');

unlike($seen, qr/ERROR|denied/, 'every role reads every table and view');
like($seen, qr/^east regtarget\.targets\|12\|/m, 'and of targets those of its units, in the live plan and in the shadow that was revealed');

silent_ok('plain dump', 'pg_dump', '-f', "$dir/plain.sql", '-d', db('source'));
silent_ok('custom dump', 'pg_dump', '-Fc', '-f', "$dir/custom", '-d', db('source'));
silent_ok('directory dump', 'pg_dump', '-Fd', '-j', '2', '-f', "$dir/directory", '-d', db('source'));
foreach my $restore (
	[ 'plain', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/restored", '-f', "$dir/plain.sql" ],
	[ 'custom', 'pg_restore', "$dir/custom" ],
	[ 'directory', 'pg_restore', '-j', '4', "$dir/directory" ])
{
	my ($name, @command) = @$restore;

	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	silent_ok("$name restore", @command, '-d', db($name));
	is($node->safe_psql($name, $privileges), $granted, "$name: privileges and policies are as they were");
	is(sights($name), $seen, "$name: everyone sees what he saw");
}

# A superuser who touches what a stranger has prepared does not lend him his rights.
$node->safe_psql('source', 'GRANT CREATE ON SCHEMA public TO east');
my $as_east = [ '-U', 'east' ];
is(($node->psql('source', q{
	CREATE FUNCTION public.trap(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
		BEGIN PERFORM regtarget.grant_duty('east', 'CN', 'planner'); RETURN 1; END $$;
	CREATE TABLE public.bait (n int);
	INSERT INTO public.bait VALUES (1);
	CREATE MATERIALIZED VIEW public.mirror AS SELECT n FROM public.bait WITH NO DATA;
}, extra_params => $as_east))[0], 0, 'a stranger lays a trap');
isnt(($node->psql('source', 'CREATE INDEX ON public.bait (public.trap(n))', extra_params => $as_east))[0], 0,
	'which is nothing for himself');
my ($status, $out, $err) = $node->psql('source', 'CREATE INDEX ON public.bait (public.trap(n))');
like($err, qr/role "east" may not grant/, 'nor does it work when a superuser builds the index: its owner is in force');
is($node->safe_psql('source', q{SELECT count(*) FROM regtarget.duties WHERE role = 'east'}), '1', 'and no duty was granted');

$node->stop;
done_testing();
