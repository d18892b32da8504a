// printf in templates is Go's fmt.Sprintf.
#include "gtest/gtest.h"

#include "tests/engine/template/template_cases.h"

namespace imglife {
namespace {

using Case = TemplateCase;
using ::testing::Values;

class Printf : public RendersAsGo {};
TEST_P(Printf, ByteForByte) {
  Check();
}

INSTANTIATE_TEST_SUITE_P(
    Integers, Printf,
    Values(Case{"{{printf \"%05d|%-5d|%+d|% d|%05d\" 42 42 42 42 .Minus}}",
                "00042|42   |+42| 42|-0007"},
           Case{"{{printf \"%x|%X|%#x|%o|%#o|%O|%b|%#b\" 255 255 255 8 8 8 5 5}}",
                "ff|FF|0xff|10|010|0o10|101|0b101"},
           Case{"{{printf \"%.4d|%8.3d|%-8.3d|%08.3d|%.0d|\" 7 7 7 7 0}}",
                "0007|     007|007     |     007||"},
           Case{"{{printf \"%c|%q|%U|%#U|%3c|%q\" 'é' 'é' 233 233 'a' 10}}",
                "é|'é'|U+00E9|U+00E9 'é'|  a|'\\n'"},
           Case{"{{printf \"%x %d\" -255 -9223372036854775808}}", "-ff -9223372036854775808"},
           Case{"{{printf \"%c%q\" -1 1114112}}", "\uFFFD'\uFFFD'"}));

INSTANTIATE_TEST_SUITE_P(
    Floats, Printf,
    Values(Case{"{{printf \"%6.2f|%e|%g|%G\" 3.14159 1500.0 1e21 1e-7}}",
                "  3.14|1.500000e+03|1e+21|1E-07"},
           Case{"{{printf \"%08.3f|%+.1f|%-8.1f|% .0f|%+08.2f\" -3.14159 2.0 2.0 2.5 1.5}}",
                "-003.142|+2.0|2.0     | 2|+0001.50"},
           Case{"{{printf \"%.3g|%.10g|%g|%g|%v\" 1234.5678 100000.0 100000.0 1000000.0 0.1}}",
                "1.23e+03|100000|100000|1e+06|0.1"},
           Case{"{{printf \"%#g|%#.0f|%#v|%F\" 1.0 3.0 1.0 0.5}}", "1.00000|3.|1|0.500000"},
           Case{"{{printf \"%x|%.2x|%b|%X\" 0.1 1.999 0.75 -3.5}}",
                "0x1.999999999999ap-04|0x1.00p+01|6755399441055744p-53|-0X1.CP+01"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, Printf,
    Values(Case{"{{printf \"%-6s|%6s|%.2s|%6.2s|%06s\" \"ab\" \"ab\" \"abcd\" \"abcd\" \"ab\"}}",
                "ab    |    ab|ab|    ab|0000ab"},
           Case{"{{printf \"%5s|%.1s|%-3v|\" \"é\" \"éa\" \"é\"}}", "    é|é|é  |"},
           Case{"{{printf \"%q|%+q|%#q|%#q\" \"é\\\"\\n\" \"é\" \"a\\\\b\" \"`\"}}",
                "\"é\\\"\\n\"|\"\\u00e9\"|`a\\b`|\"`\""},
           Case{"{{printf \"%q\" \"\\u200b\\u00a0\\x00\\x7f\\U0001F600\\ufeff\"}}",
                "\"\\u200b\\u00a0\\x00\\x7f😀\\ufeff\""},
           Case{"{{printf \"%q %d\" .Broken (len .Broken)}}", "\"a\\xffé\" 4"},
           Case{"{{printf \"%x|%X|% x|%#x|%# x|%.1x\" \"hi\" \"hi\" \"hi\" \"hi\" \"hi\" \"hi\"}}",
                "6869|6869|68 69|0x6869|0x68 0x69|68"}));

INSTANTIATE_TEST_SUITE_P(
    Others, Printf,
    Values(Case{"{{printf \"%t|%5t|%v\" true false .Yes}}", "true|false|true"},
           Case{"{{printf \"%v|%s|%q\" .Platforms .Platforms .Platforms}}",
                "[linux/amd64 linux/arm64]|[linux/amd64 linux/arm64]|"
                "[\"linux/amd64\" \"linux/arm64\"]"},
           Case{"{{printf \"%3d|%v|%q\" .Mixed .Args .Args}}",
                "[  1 %!d(string=  a) %!d(float64=2.5) %!d(bool=true) <nil>]|"
                "map[EMPTY: MIRROR:eu-1 QUOTED:say \"hi\"]|"
                "map[\"EMPTY\":\"\" \"MIRROR\":\"eu-1\" \"QUOTED\":\"say \\\"hi\\\"\"]"},
           Case{"{{printf \"%#v %#v\" .Mixed .Nested}}",
                "[]interface {}{1, \"a\", 2.5, true, interface {}(nil)} "
                "map[string]interface {}{\"Deep\":map[string]interface {}{\"Leaf\":\"green\"}}"},
           Case{"{{printf \"%T %T %T %T %T %T\" 1 \"a\" 1.5 true .None nil}}",
                "int string float64 bool []interface {} <nil>"}));

INSTANTIATE_TEST_SUITE_P(
    Arguments, Printf,
    Values(Case{"{{printf \"%d\" \"x\"}}", "%!d(string=x)"},
           Case{"{{printf \"%d %d\" 1}}", "1 %!d(MISSING)"},
           Case{"{{printf \"%d\" 1 2 nil \"a\"}}", "1%!(EXTRA int=2, <nil>, string=a)"},
           Case{"{{printf \"%[2]s %[1]s\" \"a\" \"b\"}}", "b a"},
           Case{"{{printf \"%[1]d %d %[1]d\" 1 2}}", "1 2 1"},
           Case{"{{printf \"%[3]d %[x]d %[1\" 1 2}}", "%!d(BADINDEX) %!d(BADINDEX) %!(NOVERB)"},
           Case{"{{printf \"%*d|%-*d|%.*f|%[3]*[1]d\" 5 42 4 7 1 2.25}}", "   42|7   |2.2|   5"},
           Case{"{{printf \"%*d %.*d\" \"a\" 1 -1 2}}", "%!(BADWIDTH)1 %!(BADPREC)2"},
           Case{"{{printf \"100%% %\"}}", "100% %!(NOVERB)"},
           Case{"{{printf \"%99999999d\" 1}}", "%!(NOVERB)%!(EXTRA int=1)"},
           Case{"{{printf \"%é %z\" 1 true}}", "%!é(int=1) %!z(bool=true)"}));

}  // namespace
}  // namespace imglife
