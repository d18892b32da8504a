#include "schema/config/yaml_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using testing::HasSubstr;

struct Result {
  std::optional<YamlNode> root;
  std::vector<Finding> findings;
};

Result Read(std::string_view content) {
  Findings findings;
  std::optional<YamlNode> root = ReadYaml(content, findings);
  return {std::move(root), findings.Sorted()};
}

// The code of the only finding, "" for none, "several" for more.
std::string Code(std::string_view content) {
  const Result result = Read(content);
  if (result.findings.size() > 1) return "several";
  return result.findings.empty() ? "" : result.findings[0].code;
}

std::string Repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(ReadYaml, KnowsWhereEverythingIs) {
  const Result result = Read("a: 1\nb:\n  - x\n  - {c: \"3.20\"}\n");
  ASSERT_TRUE(result.root && result.root->IsMapping());
  EXPECT_EQ(result.root->at(), (SourcePosition{1, 1}));
  EXPECT_EQ(result.root->entries()[1].key_at, (SourcePosition{2, 1}));
  const YamlNode& list = *result.root->Find("b");
  ASSERT_TRUE(list.IsSequence());
  EXPECT_EQ(list.items()[0].at(), (SourcePosition{3, 5}));
  const YamlNode* const quoted = list.items()[1].Find("c");
  ASSERT_NE(quoted, nullptr);
  EXPECT_EQ(quoted->at(), (SourcePosition{4, 9}));
  EXPECT_EQ(quoted->text(), "3.20");
  EXPECT_EQ(result.root->Find("nothing"), nullptr);
}

TEST(ReadYaml, KeepsScalarsAsTheyAreWritten) {
  const Result result = Read("[3.20, 010, yes, \"7\", '8', !!str 9, !!int 1, ~, null, \"null\"]");
  ASSERT_TRUE(result.root);
  const std::vector<YamlNode>& items = result.root->items();
  ASSERT_EQ(items.size(), 10u);
  EXPECT_EQ(items[0].text(), "3.20");
  EXPECT_EQ(items[1].text(), "010");
  EXPECT_TRUE(items[2].plain());
  for (const std::size_t i : {3u, 4u, 5u, 9u}) EXPECT_FALSE(items[i].plain()) << i;
  EXPECT_TRUE(items[6].plain());
  EXPECT_TRUE(items[7].IsNull());
  EXPECT_TRUE(items[8].IsNull());
  EXPECT_TRUE(items[9].IsScalar());
}

TEST(ReadYaml, PutsNothingAtItsKey) {
  const Result result = Read("a:\nb: 1\nc:\n- \n- x\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->Find("a")->at(), (SourcePosition{1, 1}));
  EXPECT_EQ(result.root->Find("c")->items()[0].at(), (SourcePosition{4, 1}));
}

TEST(ReadYaml, PutsEmptyItemsAtTheirDashes) {
  const Result result = Read(
      "a:\n  - {b: 1}\n  -\n  - foo\n  - # why - \n\n  # or - so\n  - - x\n    -\nc:\n- y\n-\n");
  ASSERT_TRUE(result.root);
  const std::vector<YamlNode>& items = result.root->Find("a")->items();
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[1].at(), (SourcePosition{3, 3}));
  EXPECT_EQ(items[3].at(), (SourcePosition{5, 3}));
  EXPECT_EQ(items[4].items()[1].at(), (SourcePosition{9, 5}));
  EXPECT_EQ(result.root->Find("c")->items()[1].at(), (SourcePosition{12, 1}));
}

TEST(ReadYaml, TakesAnEmptyFileForNothing) {
  for (const char* content : {"", "# comment\n", "---\n", "\xEF\xBB\xBF", "\n\n", "---\n...\n"}) {
    const Result result = Read(content);
    ASSERT_TRUE(result.root) << content;
    EXPECT_TRUE(result.root->IsNull()) << content;
    EXPECT_TRUE(result.findings.empty()) << content;
  }
}

TEST(ReadYaml, UnderstandsByteOrderMarkAndWindowsLines) {
  const Result result = Read(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: x\r\nc: |\r\n  text\r\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->entries()[0].key_at, (SourcePosition{1, 1}));
  EXPECT_EQ(result.root->Find("b")->text(), "x");
  EXPECT_EQ(result.root->Find("b")->at(), (SourcePosition{2, 4}));
}

TEST(ReadYaml, RefusesDuplicateKeysAndKeepsTheFirst) {
  const Result result = Read("a:\n  b: 1\n  b: 2\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->Find("a")->Find("b")->text(), "1");
  ASSERT_EQ(result.findings.size(), 1u);
  const Finding& finding = result.findings[0];
  EXPECT_EQ(finding.code, "duplicate-key");
  EXPECT_EQ(finding.path, "a.b");
  EXPECT_EQ(finding.at, (SourcePosition{3, 3}));
  ASSERT_EQ(finding.notes.size(), 1u);
  EXPECT_EQ(finding.notes[0].at, (SourcePosition{2, 3}));
  EXPECT_EQ(finding.notes[0].message, "first defined here");
}

TEST(ReadYaml, MergesMappings) {
  const Result result =
      Read("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {c: 3, <<: [*x, *y]}\nq: {\"<<\": text}\n");
  ASSERT_TRUE(result.root);
  EXPECT_TRUE(result.findings.empty());
  const YamlNode& merged = *result.root->Find("z");
  EXPECT_EQ(merged.Find("a")->text(), "1");
  EXPECT_EQ(merged.Find("b")->text(), "1");
  EXPECT_EQ(merged.Find("c")->text(), "3");
  EXPECT_EQ(merged.entries().size(), 3u);
  EXPECT_EQ(merged.Find("a")->at(), (SourcePosition{1, 11}));
  EXPECT_EQ(result.root->Find("q")->Find("<<")->text(), "text");
}

TEST(ReadYaml, RefusesMergesOfOtherThings) {
  EXPECT_EQ(Code("<<: text"), "merge-key");
  EXPECT_EQ(Code("<<: [{a: 1}, 2]"), "merge-key");
  EXPECT_EQ(Code("<<: {a: 1}\n<<: {b: 1}"), "duplicate-key");
}

TEST(ReadYaml, RefusesKeysThatAreNoStrings) {
  EXPECT_EQ(Code("? [a, b]\n: c\n"), "key-type");
  EXPECT_EQ(Code("? {a: b}\n: c\n"), "key-type");
  EXPECT_EQ(Code("? - complex\n: c\n"), "key-type");
  EXPECT_EQ(Code("~: c\n"), "key-type");
  EXPECT_EQ(Code("? plain\n: c\n"), "");
}

TEST(ReadYaml, RefusesTagsThatItDoesNotKnow) {
  EXPECT_EQ(Code("a: !!python/object:os.system x"), "yaml-tag");
  EXPECT_EQ(Code("a: !secret x"), "yaml-tag");
  EXPECT_EQ(Code("a: !!binary aGVsbG8="), "yaml-tag");
  EXPECT_EQ(Code("!!omap [a]"), "yaml-tag");
  EXPECT_EQ(Code("!!map {a: !!str b}"), "");
}

TEST(ReadYaml, ExpandsAliasesWithinBounds) {
  const Result result = Read("a: &a [1, 2]\nb: *a\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->Find("b")->items().size(), 2u);

  std::string laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last +
              Repeat(", " + last, 9) + "]\n";
  }
  EXPECT_EQ(Code(laughs), "too-many-nodes");

  const std::string text(200'000, 'x');
  EXPECT_EQ(Code("a: &a " + text + "\nb: [" + Repeat("*a,", 30) + "]\n"), "too-large");
}

TEST(ReadYaml, RefusesAliasesOfThemselvesAndOfNothing) {
  EXPECT_EQ(Code("&a [*a]"), "recursive-alias");
  EXPECT_EQ(Code("a: &x {b: *x}"), "recursive-alias");
  EXPECT_EQ(Code("a: &x\n  <<: *x\n"), "recursive-alias");
  EXPECT_EQ(Code("&a *a"), "yaml-syntax");
  EXPECT_EQ(Code("a: *nothing"), "yaml-syntax");
}

TEST(ReadYaml, RefusesQuotesThatNothingEnds) {
  for (const char* content : {"a: \"b\n", "a: 'b\n", "a: 'b''\n", "a: \"b\\\"\n", "- \"a\n",
                              "a: &x \"b\n", "a: !!str 'b\n", "a: !!str &x # c\n  \"b\n"}) {
    EXPECT_EQ(Code(content), "yaml-syntax") << content;
  }
  for (const char* content : {"a: \"b\"\n", "a: 'b'''\n", "a: \"b\\\"\"\n", "a: \"b\n  c\"\n",
                              "'a': \"\"\n", "a: &x \"b\"\nc: !!str 'd'\n"}) {
    EXPECT_EQ(Code(content), "") << content;
  }
}

TEST(ReadYaml, CountsLevelsThroughAliases) {
  EXPECT_EQ(Code(Repeat("[", 64) + Repeat("]", 64)), "");
  EXPECT_EQ(Code(Repeat("[", 65) + Repeat("]", 65)), "too-deep");
  const std::string deep = Repeat("[", 40) + "x" + Repeat("]", 40);
  EXPECT_EQ(Code("a: &a " + deep + "\nb: " + Repeat("[", 23) + "*a" + Repeat("]", 23)), "");
  EXPECT_EQ(Code("a: &a " + deep + "\nb: " + Repeat("[", 24) + "*a" + Repeat("]", 24)), "too-deep");
}

TEST(ReadYaml, CountsNodes) {
  EXPECT_EQ(Code("[" + Repeat("a,", kYamlMostNodes - 1) + "]"), "");
  EXPECT_EQ(Code("[" + Repeat("a,", kYamlMostNodes) + "]"), "too-many-nodes");
}

TEST(ReadYaml, HasALimitOfBytes) {
  const std::string line = "a: b\n";
  EXPECT_EQ(Code(line + "#" + std::string(kYamlMostBytes - line.size() - 1, ' ')), "");
  EXPECT_EQ(Code(line + "#" + std::string(kYamlMostBytes - line.size(), ' ')), "too-large");
}

TEST(ReadYaml, RefusesWhatIsNoText) {
  EXPECT_EQ(Code(std::string_view("a: b\0c", 6)), "control-character");
  EXPECT_EQ(Code("a: b\x04\nc: d"), "control-character");
  EXPECT_EQ(Code("a: \x1b[31m"), "control-character");
  EXPECT_EQ(Code("a: \xC2\x9B"), "control-character");
  EXPECT_EQ(Code("a: \xFF"), "not-utf8");
  EXPECT_EQ(Code("a: \xC0\x80"), "not-utf8");
  EXPECT_EQ(Code("a: \xED\xA0\x80"), "not-utf8");
  EXPECT_EQ(Code("a: \xE2\x82"), "not-utf8");
  EXPECT_EQ(Code(std::string_view("\xFF\xFE"
                                  "a\0",
                                  4)),
            "not-utf8");
  EXPECT_EQ(Code("a: \xE2\x82\xAC \xF0\x9F\x98\x80"), "");
  EXPECT_EQ(Read("a: b\nc: \xFF").findings[0].at, (SourcePosition{2, 4}));
}

TEST(ReadYaml, RefusesSecondDocuments) {
  EXPECT_EQ(Code("a: b\n---\nc: d\n"), "several-documents");
  EXPECT_EQ(Code("---\na: b\n---\n"), "several-documents");
  EXPECT_EQ(Code("a: b\n...\nc: d\n"), "several-documents");
  EXPECT_EQ(Code("--- \na: b\n...\n# end\n"), "");
}

TEST(ReadYaml, EndsOnWhatYamlCppNeverFinishes) {
  for (const char* content : {",", ",,", "a: b\n,", "]", "}", "[a]]", "- ,", "a: b\n]"}) {
    EXPECT_EQ(Code(content), "yaml-syntax") << content;
  }
}

TEST(ReadYaml, SaysThatATabCannotIndent) {
  EXPECT_EQ(Read("a:\n\tb: 1\n").findings.at(0).message,
            "not valid YAML: a tab can't indent; use spaces");
  EXPECT_EQ(Read("a:\n  b:\n  \tc: 1\n").findings.at(0).message,
            "not valid YAML: a tab can't indent; use spaces");
  EXPECT_THAT(Read("a: b: c\n").findings.at(0).message, testing::Not(testing::HasSubstr("tab")));
}

TEST(ReadYaml, RefusesWhatIsNoYaml) {
  for (const char* content : {"a:\n\tb: 1\n", "{", "[a", "a: \"b", "a: 'b", "a: b: c", "@",
                              "a: |x\n", "\"\\q\"", "- a\nb: c", "a\nb: c", "&", "*", "a: !<"}) {
    EXPECT_THAT(Code(content), testing::AnyOf("yaml-syntax", "yaml-tag")) << content;
  }
  EXPECT_EQ(Read("a: b\nc: [").findings[0].at.line, 2);
}

// One piece, over and over, up to the limit: the parser must come back soon whatever it is.
TEST(ReadYaml, ComesBackFromHostileRepetitions) {
  for (const char* piece : {"[",         "{",        "- ",    "? ",     ": ",    ":",     ",",
                            "\"",        "'",        "&",     "&a ",    "*",     "!",     "! ",
                            "%a\n",      "|",        "|\n",   "a: ",    "---\n", "...\n", " ",
                            "\n",        "#",        "a\n",   "[]",     "[],",   "{a:,",  "? a\n",
                            "\t",        "\\",       "[a b ", "[[a]: ", "a:\n ", ">\n",   "- - a\n",
                            "a: &a b\n", "<<: {}\n", "{}",    "\r"}) {
    const std::string text = Repeat(piece, kYamlMostBytes / std::string_view(piece).size());
    Findings findings;
    const std::optional<YamlNode> root = ReadYaml(text, findings);
    EXPECT_TRUE(findings.HasErrors() || root.has_value()) << piece;
  }
}

TEST(ReadYaml, TruncatedFilesAreReadOrRefused) {
  const std::string whole =
      "x: &a {b: [1, \"two\", 'three'], c: |\n  text\n}\ny: *a\n<<: *a\n? k\n: !!str v\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Findings findings;
    const std::optional<YamlNode> root =
        ReadYaml(std::string_view(whole).substr(0, size), findings);
    EXPECT_TRUE(root.has_value() || findings.HasErrors()) << size;
  }
}

}  // namespace
}  // namespace imglife
