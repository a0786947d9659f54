# The page for an owner who does not trust systems: it comes out whole, the quarter that the formula lost
# stands first, and what it says is what the tables say, worked out again here.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('sandbox');
my ($page, $err) = ('', '');

sub sql
{
	return $node->safe_psql('sandbox', $_[0]);
}

$node->safe_psql('postgres', 'CREATE DATABASE sandbox TEMPLATE template0');
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	ok(IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-P', 'pager=off', '-d', $node->connstr('sandbox'),
			'-f', "$FindBin::Bin/../../demo/sandbox.sql" ], '<', \undef, '>', \$page, '2>', \$err), 'it runs');
}
is($err, '', 'and says nothing besides');
cmp_ok(scalar(split /\n/, $page), '<=', 80, 'one page');

# Who they are: people who have not left, regions, the profile's window of visits.
is(sql(q{SELECT count(*) FILTER (WHERE left_on IS NULL), (SELECT count(*) FROM regtarget.units WHERE kind = 'region')
		FROM regtarget.employees}), '43|3', '43 people in three regions');
is(sql(q{SELECT best FROM regtarget.metrics WHERE metric = 'visits_per_head'}), '30', 'who sell to industry');

# The twelve quarters before the shadow's, from the totals of the plans and the deals, and the engine's split.
my $first = sql(q{SELECT period FROM regtarget.plans WHERE mode = 'live' ORDER BY plan_id LIMIT 1});
my $last = sql(q{SELECT period FROM regtarget.plans WHERE mode = 'live' ORDER BY plan_id OFFSET 11 LIMIT 1});
my $shadow = sql(q{SELECT period FROM regtarget.plans WHERE mode = 'shadow'});
my @quarters = map { [ split /\|/ ] } split /\n/, sql(qq{
	SELECT b.period, round(sum(abs(t.amount * b.total / p.total - b.actual)) / 20000), round(sum(abs(b.suggested - b.actual)) / 20000),
		sum(abs(b.suggested - b.actual)) - sum(abs(t.amount * b.total / p.total - b.actual))
	FROM (SELECT *, sum(actual) FILTER (WHERE unit_id > 1) OVER (PARTITION BY period) AS total
		FROM regtarget.backtest('$first', '$last')) AS b
	JOIN regtarget.plans p ON p.period = b.period AND p.mode = 'live'
	JOIN regtarget.targets t ON t.plan_id = p.plan_id AND t.unit_id = b.unit_id WHERE b.unit_id > 1 GROUP BY b.period ORDER BY b.period});
is(scalar(@quarters), 12, 'twelve quarters');
is(scalar(grep { $page =~ /^\Q$_->[0]\E +$_->[1] +$_->[2] /m } @quarters), 12, 'are on the page as they are');

my ($lost) = sort { $b->[3] <=> $a->[3] } @quarters;
cmp_ok($lost->[3], '>', 0, 'one is lost');
like($page, qr/First the quarter that the formula lost: \Q$lost->[0]\E\n/, 'and stands first');
like($page, qr/It put $lost->[2] into the wrong region, you $lost->[1]\./, 'with what it cost');
my $wins = grep { $_->[3] < 0 } @quarters;
like($page, qr/The formula was closer in $wins of 12;/, 'how often it was closer');

# The verdict on tuning and that of the shadow stand there in their own words.
sub words { return join ' ', split ' ', shift }
foreach (["tuning_verdict('$first', '$last')", 'tuning'], ['shadow_verdict()', 'the shadow quarter'])
{
	like(words($page), qr/\Q@{[ words(sql("SELECT said FROM regtarget.$_->[0]")) ]}\E/, "the verdict on $_->[1]");
}
like($page, qr/A quarter in the shadow: \Q$shadow\E\n/, 'the shadow quarter follows the twelve');
is(sql(q{SELECT verdict FROM regtarget.shadow_verdict()}), 'too few to say', 'which proves nothing, and says so');
is(sql(q{SELECT string_agg(check_name, ' ') FROM regtarget.verify() WHERE NOT ok}), 'ledger',
	'that its date was put back by hand, the ledger tells');

$node->stop;
done_testing();
