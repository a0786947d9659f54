/*
 * Cells and what must come of them, for cells_test.c: the value, or '!' and
 * the words of the refusal.
 */
#ifndef CELLS_GOLDEN_H
#define CELLS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

/* A line of a table: the cell, and what is to come of it. */
typedef struct golden
{
	const char *cell;
	const char *want;			/* NULL: empty */
} golden;

#define COMMA "!the comma may be a decimal point or part thousands: "
#define GROUPS "!the digits are not parted in threes"
#define THAT " if that is meant"
#define SIGNS "!more than one sign or bracket for a negative number: this may be "
#define SIGNS_ALONE "!more than one sign or bracket for a negative number"
#define HALF "!the last part lacks its unit: this may be "
#define UNITS "!the units do not fall from part to part"
#define ZHAO "!the unit zhao is a million to some and a million millions to others: "
#define FOREIGN "!another currency than CNY: "
#define DASH_DAY "!a dash alone is no day: leave the cell empty if there is none"
#define DASH_YESNO "!a dash alone is neither yes nor no: leave the cell empty if nothing is decided"
#define DASH "!a dash alone may mean zero or nothing known: write 0, or leave the cell empty"
#define SHEET "!an error of the spreadsheet, not a value"
#define NUMBER "!not a number"
#define LARGE "!the number is too large"
#define FINE "!the number has too many decimals: round it"
#define DAMAGED "!the text is damaged (not valid UTF-8)"
#define LAST "!the year is last: "
#define SHORT "!the year has not four digits: "
#define EARLY "!the year is before 1000"
#define DATE "!not a date such as 2025-07-01"
#define NOSUCH "!there is no such day in the calendar"
#define PART "!a day needs year, month and day"
#define BARE "!a date without its dashes, or a day number of Excel: this may be "
#define SINCE "!counted since 1970, not a day: write "
#define SERIAL "!not a day number of Excel: those go from 1 to 2958465"
#define TIME "!what follows the date is not a time of the day"
#define ZONE "!an unknown time zone: write its distance from UTC, as in 12:30+08:00"
#define SPAN "!what follows the time may be a time zone or the end of a meeting"
#define NIGHT "!24:00 may belong to either day: this may be "
#define YESNO "!neither yes nor no"
#define OTHERS "!its thousands are parted by points, which are decimal points here: "
#define CENTS "!the dash may stand for no decimals or make the number negative: this may be "
#define NODAYFIRST "!there is no such day when the day comes first: "
#define NOMONTHFIRST "!there is no such day when the month comes first: "
#define SHORTENED "!a spreadsheet has cut off its last digits: format the column as text before the file is opened there, and export again"

static const golden plain_amounts[] = {
	{"0", "0"}, {"1234", "1234"}, {"-1234", "-1234"}, {"+1234", "1234"}, {"12.50", "12.50"},
	{"-12.50", "-12.50"}, {".5", "0.5"}, {"-.5", "-0.5"}, {"5.", "5"}, {"007", "7"}, {"-0", "0"},
	{"-0.00", "0.00"}, {"1.234", "1.234"}, {"- 5", "-5"}, {"+ 5", "5"}, {"0.1", "0.1"},
	{"999999999999999", "999999999999999"}, {"-999999999999999.99", "-999999999999999.99"},
	{"999999999999999.999999999999999999", "999999999999999.999999999999999999"},
	{"0.000000000000000001", "0.000000000000000001"},
	{"0000000000000000000000000000000000001", "1"},
	{"12345.6700000000000000000000", "12345.670000000000000000"},
	{"33333333.333333333333", "33333333.333333333333"},
	{"1234.5600000000002", "1234.5600000000002"}, {"1000000000000000", LARGE},
	{"-1000000000000000", LARGE}, {"99999999999999999999", LARGE}, {"0.0000000000000000001", FINE},
	{"1.1234567890123456789", FINE}, {"1000000000000000.0000000000000000001", LARGE}, {".", NUMBER},
	{"-.", NUMBER}, {"+", NUMBER}, {"1..5", NUMBER}, {"1.5.", NUMBER}, {"1 .5", NUMBER},
	{"1. 5", NUMBER}, {"5+", NUMBER}, {"", NULL}, {" ", NULL}, {"\t\r\n", NULL}
};

static const golden grouped_amounts[] = {
	{"1,234", "1234"}, {"-1,234", "-1234"}, {"12,345", "12345"}, {"123,456", "123456"},
	{"1,234,567", "1234567"}, {"1,234,567.89", "1234567.89"}, {"1,234.", "1234"},
	{"999,999,999,999,999", "999999999999999"}, {"1,000,000,000,000,000", LARGE}, {"1 234", "1234"},
	{"1 234 567.8", "1234567.8"}, {"1\u00a0234\u00a0567", "1234567"}, {"1\u202f234", "1234"},
	{"1\u2009234\u3000567", "1234567"}, {"1'234'567.50", "1234567.50"}, {"1\u2019234", "1234"},
	{"1，234，567", "1234567"}, {"1,2345,6789", "123456789"}, {"1234,5678,9012", "123456789012"},
	{"12,3456,7890.5", "1234567890.5"}, {"1,23", COMMA "this may be 1.23 or 123"},
	{"-1,2", COMMA "this may be -1.2 or -12"}, {"12,3456", COMMA "this may be 12.3456 or 123456"},
	{"1234,567", COMMA "this may be 1234.567 or 1234567"},
	{"1234,5678", COMMA "this may be 1234.5678 or 12345678"},
	{"0,123", COMMA "this may be 0.123 or 123"}, {"012,345", COMMA "this may be 12.345 or 12345"},
	{"1.234,50", COMMA "this may be 1234.50 or 1.23450"},
	{"1.234.567,50", COMMA "write 1234567.50" THAT}, {"1 234,50", COMMA "write 1234.50" THAT},
	{"1'234,50", COMMA "write 1234.50" THAT}, {"12,34,567", GROUPS ": write 1234567" THAT},
	{"1,234,56", GROUPS ": write 123456" THAT}, {"1,2345,678", GROUPS ": write 12345678" THAT},
	{"1,2,3", GROUPS ": write 123" THAT}, {"0,123,456", GROUPS ": write 123456" THAT},
	{"1.234.567", OTHERS "write 1234567" THAT}, {"1 23", GROUPS}, {"12 34 567", GROUPS},
	{"1  234", NUMBER}, {"1\n234", NUMBER}, {"1\t234", NUMBER}, {"1\u200b234", NUMBER},
	{"1,234 567", GROUPS}, {"1 234,567", COMMA "write 1234.567" THAT}, {"1,234'567", GROUPS},
	{"1, 234", GROUPS ": write 1234" THAT}, {",123", COMMA "this may be 0.123 or 123"},
	{"1,", COMMA "write 1" THAT}, {",", NUMBER}, {"1,,234", GROUPS ": write 1234" THAT},
	{"1,234.567,8", GROUPS ": write 1234.5678" THAT},
	{"1,5万", COMMA "this may be 15000 or 150000"}
};

static const golden signed_amounts[] = {
	{"(5)", "-5"}, {"(1,234.50)", "-1234.50"}, {"（5）", "-5"}, {"( 5 )", "-5"}, {"5-", "-5"},
	{"5 -", "-5"}, {"1,234.50-", "-1234.50"}, {"\u22125", "-5"}, {"\u20135", "-5"}, {"－5", "-5"},
	{"\u20145", "-5"}, {"＋5", "5"}, {"(¥5)", "-5"}, {"¥(5)", "-5"}, {"-¥5", "-5"}, {"¥-5", "-5"},
	{"5元-", "-5"}, {"(5)元", "-5"}, {"(5%)", "-0.05"}, {"(5)%", "-0.05"}, {"-5%", "-0.05"},
	{"5%-", "-0.05"}, {"5-%", "-0.05"}, {"(0)", "0"}, {"(.5)", "-0.5"}, {"(-5)", SIGNS "-5 or 5"}, {"-1000000000000000-", SIGNS_ALONE},
	{"-(5)", SIGNS "-5 or 5"}, {"-5-", SIGNS "-5 or 5"}, {"(5)-", SIGNS "-5 or 5"},
	{"(5-)", SIGNS "-5 or 5"}, {"--5", SIGNS "-5 or 5"}, {"+-5", SIGNS "-5 or 5"},
	{"(+5)", SIGNS "-5 or 5"}, {"-1,234.50-", SIGNS "-1234.50 or 1234.50"}, {"(5", NUMBER},
	{"5)", NUMBER}, {"((5))", NUMBER}, {")5(", NUMBER}, {"()", NUMBER}, {"[5]", NUMBER},
	{"<5>", NUMBER}, {"5-6", NUMBER}, {"5 CR", NUMBER}, {"-", DASH}, {"--", DASH}, {"\u2014", DASH},
	{" - ", DASH}, {"－", DASH}, {"¥ -", DASH}, {"- 元", DASH}
};

static const golden unit_amounts[] = {
	{"1.2亿", "120000000"}, {"350万", "3500000"}, {"350 万", "3500000"}, {"1亿2000万", "120000000"},
	{"1 亿 2000 万", "120000000"}, {"1亿2000万5000", "120005000"}, {"3千万", "30000000"},
	{"2万亿", "2000000000000"}, {"5百万", "5000000"}, {"3十万", "300000"}, {"2十亿", "2000000000"},
	{"1.5百亿", "15000000000"}, {"7千亿", "700000000000"}, {"6千", "6000"}, {"6百", "600"},
	{"5千元", "5000"}, {"1.23456789万", "12345.6789"}, {"1,200.5万元", "12005000"},
	{"￥1,200万元", "12000000"}, {"-1.2亿", "-120000000"}, {"(350万)", "-3500000"},
	{"350万-", "-3500000"}, {"1.2億", "120000000"}, {"350萬", "3500000"}, {"5仟萬", "50000000"}, {"5佰萬", "5000000"}, {"3拾萬", "300000"},
	{"1万5千", "15000"}, {"1万5百", "10500"}, {"1万500", "10500"}, {"1万50", "10050"},
	{"1万05", "10005"}, {"1万5000.5", "15000.5"}, {"1亿2,000万", "120000000"},
	{"1亿2000.5万", "120005000"}, {"1亿50000", "100050000"}, {"1亿0万5000", "100005000"},
	{"2万亿5000亿", "2500000000000"}, {"999万亿", "999000000000000"}, {"1000万亿", LARGE},
	{"0万", "0"}, {"0.00万", "0"}, {".5万", "5000"}, {"0.5万", "5000"},
	{"3万5", HALF "30005 or 35000"}, {"-3万5", HALF "-30005 or -35000"},
	{"1亿5", HALF "100000005 or 150000000"}, {"1亿5000", HALF "100005000 or 150000000"},
	{"1亿5千", HALF "100005000 or 150000000"}, {"1亿5百", HALF "100000500 or 105000000"},
	{"2万亿5000", HALF "2000000005000 or 2500000000000"},
	{"1亿2000万5", HALF "120000005 or 120005000"}, {"1千5", HALF "1005 or 1500"},
	{"3万5.5元", HALF "30005.5 or 35500.0"}, {"1万2亿", UNITS}, {"5千3千", UNITS}, {"1万0万", UNITS}, {"1亿0.0000000000000000001", FINE},
	{"1000万亿5", LARGE}, {"1亿2,3万", COMMA "this may be 100023000 or 100230000"},
	{"1万20000", UNITS}, {"1亿20000万", UNITS}, {"1.5亿2000万", UNITS}, {"1千5百万", UNITS},
	{"1万1e3", UNITS}, {"1万5000\t5", UNITS}, {"5兆", ZHAO "this may be 5000000 or 5000000000000"},
	{"999999999兆", ZHAO "write 999999999000000" THAT}, {"万", NUMBER}, {"千万", NUMBER},
	{"5十", NUMBER}, {"5亿万", NUMBER}, {"1e5万", NUMBER}, {"5万%", NUMBER}, {"三万", NUMBER},
	{"约5万", NUMBER}, {"5万左右", NUMBER}, {"5万+", NUMBER}, {"3元5角", NUMBER}, {"5k", NUMBER},
	{"5m", NUMBER}, {"5w", NUMBER}, {"5 million", NUMBER}
};

static const golden currency_amounts[] = {
	{"¥1,200", "1200"}, {"￥1200.50", "1200.50"}, {"¥ 1200", "1200"}, {"1200¥", "1200"},
	{"1200元", "1200"}, {"1200 元", "1200"}, {"1200圆", "1200"}, {"1200元整", "1200"},
	{"RMB1200", "1200"}, {"rmb 1200", "1200"}, {"1200 RMB", "1200"}, {"CNY 1,200.00", "1200.00"},
	{"1200CNY", "1200"}, {"CN¥1,200.00", "1200.00"}, {"人民币1200", "1200"},
	{"人民幣 1200 圓", "1200"}, {"¥1200元", "1200"}, {"RMB ¥ 1200 元", "1200"},
	{"人民币¥1,200.00元整", "1200.00"}, {"ＲＭＢ１２", "12"}, {"¥1.2E+08", "120000000"},
	{"¥¥¥¥5", NUMBER}, {"¥", NUMBER}, {"元", NUMBER}, {"$5", FOREIGN "dollars"},
	{"＄5", FOREIGN "dollars"}, {"US$5", FOREIGN "USD"}, {"HK$ 5", FOREIGN "HKD"},
	{"NT$5", FOREIGN "TWD"}, {"5 USD", FOREIGN "USD"}, {"5 eur", FOREIGN "EUR"},
	{"EUR5", FOREIGN "EUR"}, {"€5", FOREIGN "EUR"}, {"5€", FOREIGN "EUR"},
	{"1.234,50 €", FOREIGN "EUR"}, {"£5", FOREIGN "GBP"}, {"￡5", FOREIGN "GBP"},
	{"₩5", FOREIGN "KRW"}, {"￦5", FOREIGN "KRW"}, {"5￠", FOREIGN "cents"},
	 {"500美元", FOREIGN "USD"}, {"500欧元", FOREIGN "EUR"},
	{"500日元", FOREIGN "JPY"}, {"JPY 500", FOREIGN "JPY"}, {"500円", FOREIGN "JPY"},
	{"500港币", FOREIGN "HKD"}, {"500万美元", FOREIGN "USD"}, {"¥5 USD", FOREIGN "USD"},
	{"-$5", FOREIGN "dollars"}, {"($5)", FOREIGN "dollars"}
};

static const golden other_amounts[] = {
	{"1.2E+08", "120000000"}, {"1.2e8", "120000000"}, {"1E5", "100000"}, {"1.50E+01", "15.0"},
	{"1.2E-02", "0.012"}, {"-1.2E+08", "-120000000"}, {"１．２Ｅ＋０８", "120000000"},
	{"1E+00008", "100000000"}, {"0E+999", "0"}, {"1E+15", LARGE}, {"9.9E+14", "990000000000000"},
	{"1E+999999999999999999999", LARGE}, {"1E-18", "0.000000000000000001"}, {"1E-19", FINE},
	{"1E-999999999999999999999", FINE}, {"1E", NUMBER}, {"1E+", NUMBER}, {"E5", NUMBER},
	{"1E5.5", NUMBER}, {"1,234E5", COMMA "this may be 123400 or 123400000"}, {"1E5E5", NUMBER},
	{"1 E5", NUMBER}, {"12%", "0.12"}, {"12.50%", "0.1250"}, {"12 %", "0.12"}, {"１２％", "0.12"},
	{"1,200%", "12.00"}, {"0%", "0.00"}, {"-3%", "-0.03"}, {"%", NUMBER}, {"12%%", NUMBER},
	{"%12", NUMBER}, {"¥12%", NUMBER}, {"12%元", NUMBER}, {"1E2%", NUMBER}, {"12‰", NUMBER},
	{"１２３４．５", "1234.5"}, {"－１", "-1"}, {"（１）", "-1"}, {"\ufeff5", "5"},
	{"\u00a05\u00a0", "5"}, {"\u20035\u2003", "5"}, {"\u30005\u3000", "5"}, {"\u200e5\u200f", "5"},
	{"\t5\r\n", "5"}, {"\u20285\u2029", "5"}, {"\u205f5\u1680", "5"}, {"\u180e5\u2060", "5"},
	{"\xc2\x85" "5", "5"}, {"\u202a5\u202c", "5"}, {"\u20665\u2069", "5"}, {"\ufeff", NULL},
	{"\u3000\u00a0\u200b", NULL}, {"#VALUE!", SHEET}, {"#N/A", SHEET}, {"#REF!", SHEET},
	{"#DIV/0!", SHEET}, {"#NAME?", SHEET}, {"####", SHEET}, {"＃N/A", SHEET}, {"N/A", NUMBER},
	{"NULL", NUMBER}, {"NaN", NUMBER}, {"inf", NUMBER}, {"Infinity", NUMBER}, {"-inf", NUMBER},
	{"∞", NUMBER}, {"****", NUMBER}, {"abc", NUMBER}, {"1/2", NUMBER}, {"12:30", NUMBER},
	{"0x10", NUMBER}, {"1_000", NUMBER}, {"~5", NUMBER}, {"5*", NUMBER}, {"=5", NUMBER},
	{"'5", NUMBER}, {"5'", NUMBER}, {"2025-07-01", NUMBER}, {"true", NUMBER}, {"١٢", NUMBER},
	{"½", NUMBER}, {"①", NUMBER}, {"\xff", DAMAGED}, {"5\xc2", DAMAGED}, {"\xa0" "5", DAMAGED},
	{"5\xed\xa0\x80", DAMAGED}, {"\xc0\xb5", DAMAGED}, {"5\xf4\x90\x80\x80", DAMAGED},
	{"\xe0\x80\xb5", DAMAGED}, {"5\xf0\x80\x80\xb5", DAMAGED}
};

static const golden numbers[] = {
	{"0", "0"}, {"-0", "0"}, {"0.1", "0.10000000000000001"}, {"12%", "0.12"}, {"-12.5%", "-0.125"},
	{"1.2亿", "120000000"}, {"1亿2000.5万", "120005000"}, {"1万5000.25", "15000.25"},
	{"3.3333333333333335e-05", "3.3333333333333335e-05"},
	{"5.551115123125783e-17", "5.5511151231257827e-17"}, {"1e22", "1e+22"},
	{"1e23", "9.9999999999999992e+22"}, {"123456789012345678", "1.2345678901234568e+17"},
	{"9007199254740993", "9007199254740992"}, {"9007199254740993.1", "9007199254740994"},
	{"1.7976931348623157e308", "1.7976931348623157e+308"}, {"4.9e-324", "4.9406564584124654e-324"},
	{"1e309", LARGE}, {"1e-400", "!the number is too small to be told from 0"}, {"-1e999999999999", LARGE}, {"0e-999999999999", "0"},
	{"(3)", "-3"}, {"1,234.5", "1234.5"}, {"1,23", COMMA "this may be 1.23 or 123"},
	{"nan", NUMBER}, {"-", DASH}, {" ", NULL}, {"$5", FOREIGN "dollars"},
	{"3万5", HALF "30005 or 35000"}
};

static const golden written_days[] = {
	{"2025-07-01", "2025-07-01"}, {"2025-7-1", "2025-07-01"}, {"2025/7/1", "2025-07-01"},
	{"2025/07/01", "2025-07-01"}, {"2025.7.1", "2025-07-01"}, {"20250701", "2025-07-01"},
	{"2025年7月1日", "2025-07-01"}, {"2025年07月01日", "2025-07-01"},
	{"2025年7月1号", "2025-07-01"}, {"2025年7月1", "2025-07-01"},
	{"2025 年 7 月 1 日", "2025-07-01"}, {"2025年7月1號", "2025-07-01"},
	{"２０２５－０７－０１", "2025-07-01"}, {"2025\u201307\u201301", "2025-07-01"},
	{"2025 - 07 - 01", "2025-07-01"}, {"2025/ 7/ 1", "2025-07-01"},
	{"\u200e2025\u200e/\u200e7\u200e/\u200e1", "2025-07-01"}, {" 2025-07-01 ", "2025-07-01"},
	{"2024-02-29", "2024-02-29"}, {"2000-02-29", "2000-02-29"}, {"1000-01-01", "1000-01-01"},
	{"9999-12-31", "9999-12-31"}, {"1969-12-31", "1969-12-31"}, {"1899-12-30", "1899-12-30"},
	{"", NULL}, {"\u3000", NULL}, {"2025-02-30", NOSUCH}, {"2025-02-29", NOSUCH},
	{"1900-02-29", NOSUCH}, {"2025-13-01", NOSUCH}, {"2025-00-01", NOSUCH}, {"2025-07-00", NOSUCH},
	{"2025-06-31", NOSUCH}, {"2025年2月30日", NOSUCH}, {"20250230", NOSUCH}, {"20251301", NOSUCH},
	{"0000-00-00", EARLY}, {"0025-07-01", EARLY}, {"00250701", EARLY}, {"0999-12-31", EARLY},
	{"2025-07", PART}, {"2025/7", PART}, {"2025年7月", PART}, {"2025年", PART}, {"7月1日", PART},
	{"7/1", PART}, {"2025-07/01", DATE}, {"2025--07-01", DATE}, {"2025-07-", PART},
	{"2025-07-01-", TIME}, {"2025-182", PART}, {"2025-07-001", DATE}, {"2025-182-1", DATE},
	{"2025 07 01", DATE}, {"20250-7-1", DATE}, {"-2025-07-01", DATE}, {"-", DASH_DAY}, {"#N/A", SHEET},
	{"tomorrow", DATE}, {"N/A", DATE}, {"12:30", DATE}, {"\xff", DAMAGED}, {"2025-W27-2", DATE},
	{"2025年7-1", DATE}
};

static const golden turned_days[] = {
	{"03/04/2025", LAST "this may be 2025-03-04 or 2025-04-03"},
	{"3-4-2025", LAST "this may be 2025-03-04 or 2025-04-03"},
	{"1.7.2025", LAST "this may be 2025-01-07 or 2025-07-01"},
	{"13/04/2025", LAST "write 2025-04-13" THAT}, {"12/31/2025", LAST "write 2025-12-31" THAT},
	{"31.12.2025", LAST "write 2025-12-31" THAT}, {"05/05/2025", LAST "write 2025-05-05" THAT},
	{"03/04/2025 12:30", LAST "this may be 2025-03-04 or 2025-04-03"},
	{"32/13/2025", NOSUCH}, {"30.02.2025", NOSUCH}, {"31122025", LAST "write 2025-12-31" THAT},
	{"03042025", LAST "this may be 2025-03-04 or 2025-04-03"},
	{"25-07-01", SHORT "this may be 2025-07-01 or 2001-07-25"},
	{"25/7/1", SHORT "this may be 2025-07-01 or 2001-07-25"},
	{"01/02/03", SHORT "this may be 2001-02-03, 2003-02-01 or 2003-01-02"},
	{"7/1/25", SHORT "this may be 2007-01-25, 2025-01-07 or 2025-07-01"},
	{"12/31/25", SHORT "write 2025-12-31" THAT}, {"25年7月1日", SHORT "write 2025-07-01" THAT},
	{"24 October 2011", DATE ": write 2011-10-24" THAT},
	{"24-Oct-2011", DATE ": write 2011-10-24" THAT},
	{"October 24, 2011", DATE ": write 2011-10-24" THAT},
	{"Oct 24 2011", DATE ": write 2011-10-24" THAT},
	{"2011-Oct-24", DATE ": write 2011-10-24" THAT}, {"24-Oct-11", DATE}, {"31 June 2011", DATE}
};

static const golden timed_days[] = {
	{"2025-07-01 00:00:00", "2025-07-01"}, {"2025-07-01T09:05", "2025-07-01"},
	{"2025-07-01T09:05:30.123", "2025-07-01"}, {"2025-07-01 9:05", "2025-07-01"},
	{"2025/7/1 9:05:30", "2025-07-01"}, {"2025-07-01 23:59:59.9999999", "2025-07-01"},
	{"20250701 09:05", "2025-07-01"}, {"20250701T09:05:30", "2025-07-01"},
	{"20250701090530", "2025-07-01"}, {"2025年7月1日9:05", "2025-07-01"},
	{"2025年7月1日 上午9:05:00", "2025-07-01"}, {"2025-07-01 下午 3:05", "2025-07-01"},
	{"2025-07-01 下午15:05", "2025-07-01"}, {"2025-07-01 9:05 PM", "2025-07-01"},
	{"2025-07-01 9:05pm", "2025-07-01"}, {"2025-07-01 AM 9:05", "2025-07-01"},
	{"2025年7月1日9时5分30秒", "2025-07-01"}, {"2025年7月1日 9时", "2025-07-01"},
	{"2025-07-01 9点30分", "2025-07-01"}, {"2025-07-01 9点30", "2025-07-01"}, {"2025-07-01 9點5分", "2025-07-01"},
	{"2025-07-01 9時123", TIME}, {"2025-07-01 9時5分123", TIME},
	{"2025-07-01 ）", TIME}, {"2025-07-01 9", TIME}, {"2025-07-01 9:5", TIME},
	{"2025-07-01 25:00", TIME}, {"2025-07-01 12:60", TIME}, {"2025-07-01 12:00:60", TIME},
	{"2025-07-01T", TIME}, {"2025-07-01 13:00 AM", TIME}, {"2025-07-01 AM 9:05 AM", ZONE},
	{"2025-07-01 24:00:01", TIME}, {"2025-07-01 t09:05", TIME}, {"2025-07-01 12:30 abc", ZONE},
	{"2025-07-01 12:30~13:30", TIME}, {"2025-07-01 星期二", TIME}, {"2025-07-0112:30", DATE},
	{"2025070109:05", DATE}, {"20250701240000", TIME}, {"20250230120000", NOSUCH},
	{"2025-07-01 24:00", NIGHT "2025-07-01 or 2025-07-02"},
	{"2025-12-31T24:00:00", NIGHT "2025-12-31 or 2026-01-01"}
};

static const golden zoned_days[] = {
	{"2011-07-07T00:37:00.000+0000", "2011-07-07 2011-07-07T00:37:00"},
	{"2025-07-01T16:30:00Z", "2025-07-01 2025-07-01T16:30:00"},
	{"2025-07-01T16:30:00.5z", "2025-07-01 2025-07-01T16:30:00.500000"},
	{"2025-07-01 00:30:00+08", "2025-07-01 2025-06-30T16:30:00"},
	{"2025-07-01 00:30:00+0800", "2025-07-01 2025-06-30T16:30:00"},
	{"2025-07-01 00:30:00+08:00", "2025-07-01 2025-06-30T16:30:00"},
	{"2025-07-01 00:30:00 +8", "2025-07-01 2025-06-30T16:30:00"},
	{"2025-07-01 23:30:00-05", "2025-07-01 2025-07-02T04:30:00"},
	{"2025-07-01T23:30-05:00", "2025-07-01 2025-07-02T04:30:00"},
	{"2025-07-01 12:00:00 UTC", "2025-07-01 2025-07-01T12:00:00"},
	{"2025-07-01 12:00:00 GMT+8", "2025-07-01 2025-07-01T04:00:00"},
	{"2025-07-01 12:00 UTC -05:00", "2025-07-01 2025-07-01T17:00:00"},
	{"2025-07-01 9:05 PM +08", "2025-07-01 2025-07-01T13:05:00"},
	{"2025-07-01 12:05 AM +08", "2025-07-01 2025-06-30T16:05:00"},
	{"2025-07-01 12:05 PM +08", "2025-07-01 2025-07-01T04:05:00"},
	{"2025-07-01 下午3:05+08", "2025-07-01 2025-07-01T07:05:00"},
	{"20250701090530+08", "2025-07-01 2025-07-01T01:05:30"},
	{"1900-01-01 00:00:00+08:05:43", "1900-01-01 1899-12-31T15:54:17"},
	{"2025-07-01T00:00:00+14", "2025-07-01 2025-06-30T10:00:00"},
	{"2025-07-01T00:00:00-12", "2025-07-01 2025-07-01T12:00:00"},
	{"2025-07-01T12:00:00.1234567+00", "2025-07-01 2025-07-01T12:00:00.123456"},
	{"2025-07-01 12:00+05:45", "2025-07-01 2025-07-01T06:15:00"},
	{"2025-07-01 12:00+0545", "2025-07-01 2025-07-01T06:15:00"}, {"2025-07-01 12:30 CST", ZONE},
	{"2025-07-01 12:30 Asia/Shanghai", ZONE}, {"2025-07-01 12:30 +15", ZONE},
	{"2025-07-01T12:30-13", ZONE}, {"2025-07-01 12:30 +080", ZONE},
	{"2025-07-01 12:30 +08:0", ZONE}, {"2025-07-01 12:30 +08:60", ZONE},
	{"2025-07-01 12:30Z+8", ZONE}, {"2025-07-01 12:30 +", ZONE}, {"2025-07-01Z", TIME},
	{"2025-07-01+08:00", TIME}, {"2025-07-01 12:30+08 CST", ZONE}, {"2025-07-01 09:00-11:00", SPAN},
	{"2025-07-01 09:00 - 17:30", SPAN}, {"2025-07-01 9:00-11", SPAN},
	{"2025-07-01 00:30-05:00", SPAN}, {"2025-07-01 23:30-05:00", "2025-07-01 2025-07-02T04:30:00"},
	{"2025-07-01 05:00-05:00", "2025-07-01 2025-07-01T10:00:00"},
	{"2025-07-01 09:00 GMT-11:00", "2025-07-01 2025-07-01T20:00:00"},
	{"2025-07-01T09:00-11:00", "2025-07-01 2025-07-01T20:00:00"},
	{"2025-07-01 09:00:00-11:00", "2025-07-01 2025-07-01T20:00:00"},
	{"2025-07-01 09:00:00-11:00:00", SPAN}
};

static const golden excel_days[] = {
	{"1", "1900-01-01"}, {"31", "1900-01-31"}, {"59", "1900-02-28"}, {"61", "1900-03-01"},
	{"366", "1900-12-31"}, {"367", "1901-01-01"}, {"1899", "1905-03-13"}, {"2100", "1905-09-30"},
	{"25569", "1970-01-01"}, {"45839", "2025-07-01"}, {"45839.0", "2025-07-01"},
	{"45839.5", "2025-07-01"}, {"45839.99999999", "2025-07-01"}, {"４５８３９", "2025-07-01"},
	{"45838", "2025-06-30"}, {"99999", "2173-10-13"}, {"100000", "2173-10-14"},
	{"2958465", "9999-12-31"}, {"2958465.75", "9999-12-31"}, {"0", SERIAL}, {"0.5", SERIAL},
	{"2958466", SERIAL}, {"9999999", SERIAL}, {"1599494400000", SINCE "2020-09-07T16:00:00Z" THAT}, {"1599494400", SINCE "2020-09-07T16:00:00Z" THAT},
	{"946684800000", SINCE "2000-01-01T00:00:00Z" THAT}, {"202507010905", DATE ": write 2025-07-01" THAT},
	{"1599494400000.5", SINCE "2020-09-07T16:00:00Z" THAT},
	{"123456789012345678901234567890", SERIAL},
	{"60", "!Excel's day 60 is 29 February 1900, which never was"},
	{"60.5", "!Excel's day 60 is 29 February 1900, which never was"}, {"-45839", DATE},
	{"+45839", DATE}, {"045839", DATE}, {"45,839", DATE}, {"45839.", DATE}, {"4.5839E+04", DATE},
	{"45839 12:00", DATE}, {"050701", DATE}, {"99999999", NOSUCH},
	{"2025", BARE "the year 2025 or 1905-07-17 in Excel"},
	{"1900", BARE "the year 1900 or 1905-03-14 in Excel"},
	{"2099", BARE "the year 2099 or 1905-09-29 in Excel"},
	{"2025.07", BARE "the month 2025-07 or 1905-07-17 in Excel"},
	{"2025.5", BARE "the month 2025-05 or 1905-07-17 in Excel"},
	{"202507", BARE "the month 2025-07 or 2454-06-10 in Excel"},
	{"250701", BARE "2025-07-01 or 2586-05-23 in Excel"},
	{"201011", BARE "2020-10-11, the month 2010-11 or 2450-05-06 in Excel"},
	{"2025701", BARE "2025-07-01 or 7446-03-06 in Excel"},
	{"2025111", BARE "2025-01-11, 2025-11-01 or 7444-07-24 in Excel"}
};

static const golden booleans[] = {
	{"yes", "true"}, {"Yes", "true"}, {"YES", "true"}, {"y", "true"}, {"Y", "true"},
	{"true", "true"}, {"TRUE", "true"}, {"t", "true"}, {"1", "true"}, {"１", "true"},
	{"是", "true"}, {"Won", "true"}, {"WON", "true"}, {"Closed Won", "true"}, {"赢单", "true"},
	{"贏單", "true"}, {"no", "false"}, {"No", "false"}, {"n", "false"}, {"N", "false"},
	{"false", "false"}, {"False", "false"}, {"f", "false"}, {"0", "false"}, {"否", "false"},
	{"Lost", "false"}, {"Closed Lost", "false"}, {"输单", "false"}, {"輸單", "false"},
	{" yes\u3000", "true"}, {"ＹＥＳ", "true"}, {"", NULL}, {"  ", NULL}, {"2", YESNO},
	{"-1", YESNO}, {"01", YESNO}, {"1.0", YESNO}, {"yes!", YESNO}, {"yess", YESNO}, {"ye", YESNO},
	{"maybe", YESNO}, {"null", YESNO}, {"不是", YESNO}, {"y e s", YESNO}, {"-", DASH_YESNO},
	{"#N/A", SHEET}, {"\xff", DAMAGED}
};

/* ---------- other conventions ---------- */

#define POINT "!the point may be a decimal point or part thousands: "
#define COMMAS "!its thousands are parted by commas, which are decimal marks here: "
#define NOT_EUR "!another currency than EUR: "

static const golden german_amounts[] = {
	{"1.234,50", "1234.50"}, {"1234,50", "1234.50"}, {"261,96", "261.96"}, {"0,444", "0.444"}, {",5", "0.5"}, {"5,", "5"},
	{"22.368", "22368"}, {"1.078.379,97", "1078379.97"}, {"-1.234,5", "-1234.5"}, {"1.234,50-", "-1234.50"},
	{"(1.234,50)", "-1234.50"}, {"1 234,50", "1234.50"}, {"1'234,50", "1234.50"}, {"22,368", "22.368"},
	{"1234", "1234"}, {"-7", "-7"}, {"1,2E+08", "120000000"}, {"12,5%", "0.125"}, {"1,2亿", "120000000"},
	{"1.200,5万", "12005000"}, {"1.234,50 €", "1234.50"}, {"€1.234,50", "1234.50"}, {"EUR 5", "5"}, {"5 Euro", "5"},
	{"5 euros", "5"}, {"5eur", "5"}, {"5欧元", "5"}, {"１．２３４，５０", "1234.50"},
	{"1234.50", POINT "this may be 1234,50 or 123450"}, {"261.96", POINT "this may be 261,96 or 26196"},
	{"0.444", POINT "this may be 0,444 or 444"}, {"1,234.50", POINT "this may be 1234,50 or 1,23450"},
	{"1,234,567", COMMAS "write 1234567" THAT}, {"1,2345,6789", COMMAS "write 123456789" THAT},
	{"1.2345.6789", GROUPS ": write 123456789" THAT}, {"12.34.567", GROUPS ": write 1234567" THAT},
	{"1.2E+08", POINT "this may be 120000000 or 1200000000"},
	{"5,-", CENTS "-5 or 5"}, {"1.234,-- €", SIGNS "-1234 or 1234"}, {"¥5", NOT_EUR "yuan or yen"}, {"5元", NOT_EUR "CNY"},
	{"RMB 5", NOT_EUR "CNY"}, {"$5", NOT_EUR "dollars"}, {"5 CHF", NOT_EUR "CHF"}, {"5 kr", NOT_EUR "crowns"},
	{"3万5", HALF "30005 or 35000"}, {"3万5,5 €", HALF "30005,5 or 35500,0"}, {"-", DASH}, {"999999999999999,99", "999999999999999.99"},
	{"1000000000000000", LARGE}, {"0,0000000000000000001", FINE}
};

static const golden german_numbers[] = {
	{"0,1", "0.10000000000000001"}, {"1.234,5", "1234.5"}, {"3,3333333333333335e-05", "3.3333333333333335e-05"},
	{"1e-400", "!the number is too small to be told from 0"}, {"0.1", POINT "this may be 0,1 or 1"}
};

static const golden german_days[] = {
	{"31.12.2025", "2025-12-31"}, {"1.7.2025", "2025-07-01"}, {"03/04/2025", "2025-04-03"}, {"03-04-2025", "2025-04-03"},
	{"31. 12. 2025", "2025-12-31"}, {"31.12.2025 14:30", "2025-12-31"}, {"31.12.2025T23:30:00Z", "2025-12-31 2025-12-31T23:30:00"},
	{"31122025", "2025-12-31"}, {"31122025143000", "2025-12-31"}, {"３１．１２．２０２５", "2025-12-31"}, {"2025-12-31", "2025-12-31"},
	{"2025/7/1", "2025-07-01"}, {"20251231", "2025-12-31"}, {"45839", "2025-07-01"}, {"29.02.2024", "2024-02-29"},
	{"12/31/2025", NODAYFIRST "write 2025-12-31" THAT}, {"12312025", NODAYFIRST "write 2025-12-31" THAT},
	{"30.02.2025", NOSUCH}, {"32.01.2025", NOSUCH}, {"31.12.0999", EARLY}, {"31.12.25", SHORT "this may be 2031-12-25 or 2025-12-31"},
	{"7/1/25", SHORT "this may be 2007-01-25 or 2025-01-07"}, {"31.12.2025 25:00", TIME}, {"31.12", PART}, {"31-12/2025", DATE},
	{"1 July 2025", DATE ": write 2025-07-01" THAT}, {"-", DASH_DAY}, {"45839,5", "2025-07-01"}, {"45839.5", "2025-07-01"}
};

#define NOT_USD "!another currency than USD: "

static const golden american_amounts[] = {
	{"$1,234.50", "1234.50"}, {"US$5", "5"}, {"5 USD", "5"}, {"-$5", "-5"}, {"($1,234.50)", "-1234.50"}, {"5 dollars", "5"},
	{"500万美元", "5000000"}, {"$5 USD", "5"}, {"HK$5", NOT_USD "HKD"}, {"¥5", NOT_USD "yuan or yen"}, {"5元", NOT_USD "CNY"},
	{"€5", NOT_USD "EUR"}, {"C$5", NOT_USD "CAD"}, {"5 cny", NOT_USD "CNY"}, {"1.234,50 €", NOT_USD "EUR"},
	{"1,23", COMMA "this may be 1.23 or 123"}, {"country", NUMBER}, {"5¢", NOT_USD "cents"}
};

static const golden american_days[] = {
	{"12/31/2025", "2025-12-31"}, {"7/1/2025", "2025-07-01"}, {"03/04/2025", "2025-03-04"}, {"03-04-2025 2:30 PM", "2025-03-04"},
	{"12312025", "2025-12-31"}, {"31.12.2025", NOMONTHFIRST "write 2025-12-31" THAT}, {"02/30/2025", NOSUCH},
	{"7/1/25", SHORT "this may be 2007-01-25 or 2025-07-01"}, {"12/31/25", SHORT "write 2025-12-31" THAT}, {"2025-07-01", "2025-07-01"}
};

static const golden hong_kong_amounts[] = {
	{"HK$5", "5"}, {"$5", "5"}, {"5元", "5"}, {"5 港币", "5"}, {"US$5", "!another currency than HKD: USD"},
	{"¥5", "!another currency than HKD: yuan or yen"}
};

static const golden japanese_amounts[] = {
	{"¥5", "5"}, {"5円", "5"}, {"500日元", "500"}, {"5 yen", "5"}, {"5元", "!another currency than JPY: CNY"},
	{"RMB 5", "!another currency than JPY: CNY"}, {"CN¥5", "!another currency than JPY: CNY"}
};

static const golden south_african_amounts[] = {
	{"ZAR 1 234,50", "1234.50"}, {"5zar", "5"}, {"R 5", NUMBER}, {"$5", "!another currency than ZAR: dollars"}
};

/* ---------- ids ---------- */

#define NAMES "!a dash alone names nothing: leave the cell empty if nothing is meant"
#define SHEET_ID "!an error of the spreadsheet, not a name or number: mend its formula, or leave the cell empty"

static const golden ids[] = {
	{"D-1", "D-1"}, {" 1001 ", "1001"}, {"0055g00000AbCdEAAV", "0055g00000AbCdEAAV"}, {"9615650000000001", "9615650000000001"},
	{"li.wei@example.com", "li.wei@example.com"}, {"1E15", "1E15"}, {"12E4", "12E4"}, {"E5", "E5"}, {"2E-7", "2E-7"},
	{"3e10", "3e10"}, {"1.5", "1.5"}, {"A+15", "A+15"}, {"1.2.3E+05", "1.2.3E+05"}, {"x1.2E+05", "x1.2E+05"},
	{"12.5E+05", SHORTENED}, {"961.6E+13", SHORTENED}, {"961,6E+13", SHORTENED}, {"123E+15", SHORTENED}, {"1234.5E+05", "1234.5E+05"},
	{"12.5E15", "12.5E15"}, {"12.5E-15", "12.5E-15"}, {"E+15", "E+15"}, {"1E+1500", "1E+1500"}, {"1E+", "1E+"}, {"#1234", "#1234"}, {"#", "#"}, {"##", "##"},
	{"-5", "-5"}, {"合同1", "合同1"}, {"\xa3" "5", "\xa3" "5"}, {"", NULL}, {"\u3000", NULL}, {"9.61565E+15", SHORTENED},
	{"9.61565e+15", SHORTENED}, {" 9,61565E+15 ", SHORTENED}, {"9.61565E15", SHORTENED}, {"1E+15", SHORTENED},
	{"-1.2E+10", SHORTENED}, {"1.00E-05", SHORTENED}, {"1.2E+5", SHORTENED}, {"1.2E+115", SHORTENED}, {"９．６１５６５Ｅ＋１５", SHORTENED},
	{"-", NAMES}, {"--", NAMES}, {"\u2014", NAMES}, {"－", NAMES}, {"#N/A", SHEET_ID}, {"#REF!", SHEET_ID}, {"####", SHEET_ID},
	{"＃N/A", SHEET_ID}
};

/* ---------- columns ---------- */

#define MOST_CELLS 6

/* What a column holds, and what is to come of each cell; the same in whatever order they stand. */
typedef struct golden_column
{
	bool		open;			/* could more cells change it? */
	golden		cells[MOST_CELLS];
} golden_column;

#define DOUBT "!other cells of the column have decimal commas: this may be "
#define DOUBT_POINT "!other cells of the column have decimal points: this may be "

static const golden_column our_columns[] = {
	{true, {{"22,368", "22368"}}},
	{true, {{"22,368", "22368"}, {"1234", "1234"}, {"", NULL}, {"abc", NUMBER}}},
	{true, {{"22.368", "22.368"}}},
	{false, {{"1234", "1234"}, {"1 234", "1234"}}},
	{true, {{"261,96", COMMA "this may be 261.96 or 26196"}, {"22,368", DOUBT "22.368 or 22368"}, {"907,152", DOUBT "907.152 or 907152"}}},
	{false, {{"261,96", COMMA "this may be 261.96 or 26196"}, {"22,368", "22368"}, {"1,078,379.97", "1078379.97"}}},
	{false, {{"0,444", COMMA "this may be 0.444 or 444"}, {"22,368", "22368"}, {"1,234,567", "1234567"}}},
	{true, {{"0,444", COMMA "this may be 0.444 or 444"}, {"-22,368", DOUBT "-22.368 or -22368"}, {"￥22,368元", DOUBT "22.368 or 22368"}}},
	{true, {{"1.234,50", COMMA "this may be 1234.50 or 1.23450"}, {"22,368", DOUBT "22.368 or 22368"}}},
	{true, {{"1.234.567", OTHERS "write 1234567" THAT}, {"22,368", DOUBT "22.368 or 22368"}}},
	{true, {{"261,96 €", FOREIGN "EUR"}, {"22,368", DOUBT "22.368 or 22368"}}},
	{true, {{"1,5万", COMMA "this may be 15000 or 150000"}, {"22,368万", DOUBT "223680 or 223680000"}}},
	{true, {{"261,96", COMMA "this may be 261.96 or 26196"}, {"12.5", "12.5"}, {"22,368", DOUBT "22.368 or 22368"}, {"22.368", "22.368"}}},
	{true, {{"261,96", COMMA "this may be 261.96 or 26196"}, {"22.368", DOUBT "22368 or 22.368"}}},
	{false, {{"261,96", COMMA "this may be 261.96 or 26196"}, {"22.368", "22.368"}, {"1,234.5", "1234.5"}, {"22,368", "22368"}}},
	{false, {{"1,2345,6789", "123456789"}, {"22,368", "22368"}, {"0,5", COMMA "this may be 0.5 or 5"}}},
	{false, {{"$1,234.50", FOREIGN "dollars"}, {"22,368", "22368"}, {"x", NUMBER}}}
};

static const golden_column german_columns[] = {
	{true, {{"22.368", "22368"}}},
	{true, {{"22,368", "22.368"}}},
	{true, {{"261.96", POINT "this may be 261,96 or 26196"}, {"22.368", DOUBT_POINT "22,368 or 22368"}, {"907.152", DOUBT_POINT "907,152 or 907152"}}},
	{false, {{"261.96", POINT "this may be 261,96 or 26196"}, {"22.368", "22368"}, {"1.078.379,97", "1078379.97"}}},
	{true, {{"0.444", POINT "this may be 0,444 or 444"}, {"22,368", DOUBT_POINT "22368 or 22,368"}}},
	{false, {{"0.444", POINT "this may be 0,444 or 444"}, {"22,368", "22.368"}, {"12,5", "12.5"}}},
	{true, {{"1,234,567", COMMAS "write 1234567" THAT}, {"22.368", DOUBT_POINT "22,368 or 22368"}}}
};

#endif							/* CELLS_GOLDEN_H */
