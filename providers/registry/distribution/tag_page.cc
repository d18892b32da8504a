#include "providers/registry/distribution/tag_page.h"

#include <utility>

#include "absl/status/status.h"
#include <nlohmann/json.hpp>

#include "schema/image/reference.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

// Told of each value as it is parsed; what a call returns says whether to go on.
class TagPageReader : public nlohmann::json_sax<Json> {
 public:
  explicit TagPageReader(std::size_t most) : most_(most) {}

  bool null() override { return Value(field_is_tags_); }
  bool boolean(bool) override { return Value(false); }
  bool number_integer(number_integer_t) override { return Value(false); }
  bool number_unsigned(number_unsigned_t) override { return Value(false); }
  bool number_float(number_float_t, const string_t&) override { return Value(false); }
  bool binary(binary_t&) override { return Value(false); }

  bool string(string_t& text) override {
    if (!IsItem() || !IsValidTag(text)) return Value(false);
    page_.tags.push_back(text);
    return HasRoom();
  }

  bool start_object(std::size_t) override {
    const bool goes_on = Value(false);
    ++depth_;
    return goes_on;
  }
  bool start_array(std::size_t) override {
    const bool goes_on = Value(field_is_tags_);
    ++depth_;
    return goes_on;
  }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }

  bool key(string_t& name) override {
    if (depth_ == kFields) field_is_tags_ = name == "tags";
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  bool has_list() const { return has_list_; }
  bool too_many() const { return !HasRoom(); }
  TagPage Take() { return std::move(page_); }

 private:
  // Of the outermost object, and of the list that is one of its fields.
  static constexpr int kFields = 1;
  static constexpr int kItems = 2;

  bool IsItem() const { return depth_ == kItems && field_is_tags_; }
  bool HasRoom() const { return page_.tags.size() + page_.invalid <= most_; }

  bool Value(bool is_list) {
    if (depth_ == kFields && field_is_tags_) {
      page_ = TagPage();
      has_list_ = is_list;
    } else if (IsItem()) {
      ++page_.invalid;
    }
    return HasRoom();
  }

  bool End() {
    --depth_;
    return true;
  }

  const std::size_t most_;
  TagPage page_;
  int depth_ = 0;
  // The field of the outermost object whose value comes, or has the values that come.
  bool field_is_tags_ = false;
  bool has_list_ = false;
};

}  // namespace

absl::StatusOr<TagPage> ReadTagPage(std::string_view document, std::size_t most) {
  TagPageReader reader(most);
  const bool complete = Json::sax_parse(document, &reader);
  if (reader.too_many()) return absl::ResourceExhaustedError("there are too many items");
  if (!complete || !reader.has_list()) return absl::InvalidArgumentError("it is no list of tags");
  return reader.Take();
}

}  // namespace imglife
