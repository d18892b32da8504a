// Templates, and what Go 1.24 makes of them with the same data.
#pragma once

#include <ostream>
#include <string>

#include "gtest/gtest.h"

#include "engine/template/template.h"

namespace imglife {

inline TemplateValue TestData() {
  const auto number = [](int value) { return TemplateValue(std::int64_t{value}); };
  const TemplateValue::Map args = {{"EMPTY", ""}, {"MIRROR", "eu-1"}, {"QUOTED", "say \"hi\""}};
  return TemplateValue(TemplateValue::Map{
      {"Name", "alpine"},
      {"Empty", ""},
      {"Broken", "a\xff\xc3\xa9"},
      {"Args", args},
      {"Platforms", TemplateValue::List{"linux/amd64", "linux/arm64"}},
      {"Mixed", TemplateValue::List{number(1), "a", 2.5, true, TemplateValue()}},
      {"None", TemplateValue::List{}},
      {"Zero", number(0)},
      {"Number", number(42)},
      {"Minus", number(-7)},
      {"Half", 1.5},
      {"Million", 1e6},
      {"Yes", true},
      {"Nested", TemplateValue::Map{{"Deep", TemplateValue::Map{{"Leaf", "green"}}}}},
  });
}

struct TemplateCase {
  std::string text;
  std::string expected;
};

inline void PrintTo(const TemplateCase& rendering, std::ostream* out) {
  *out << rendering.text;
}

// Instantiated once for each family of templates, in the file of that family.
class RendersAsGo : public ::testing::TestWithParam<TemplateCase> {
 protected:
  void Check() const {
    const auto rendered = RenderTemplate("T", GetParam().text, TestData());
    ASSERT_TRUE(rendered.ok()) << rendered.status();
    EXPECT_EQ(*rendered, GetParam().expected);
  }
};

}  // namespace imglife
