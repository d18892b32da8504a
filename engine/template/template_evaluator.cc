#include "engine/template/template_evaluator.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/template/template_format.h"
#include "engine/template/template_functions.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

using TermKind = TemplateTerm::Kind;

const TemplateRef& Nil() {
  static const auto* nil = new TemplateRef(std::make_shared<TemplateValue>());
  return *nil;
}

// What it costs to read or write a value.
std::uint64_t SizeOf(const TemplateValue& value) {
  const auto& storage = value.storage();
  if (const auto* text = std::get_if<std::string>(&storage)) return text->size();
  if (const auto* list = std::get_if<TemplateValue::List>(&storage)) {
    return list->size() * sizeof(TemplateValue);
  }
  return 0;
}

// These look at no more than a little of their arguments.
bool ReadsLittle(std::string_view function) {
  return function == "len" || function == "index" || function == "not" || function == "default" ||
         function == "slice";
}

std::vector<std::string> Keys(const TemplateValue::Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::string Suggestion(const std::string& field, const TemplateValue& value,
                       const std::string& prefix) {
  const auto* map = std::get_if<TemplateValue::Map>(&value.storage());
  if (map == nullptr || map->count(field) > 0) return "";
  const auto nearest = NearestWord(field, Keys(*map));
  return nearest ? fmt::format(", did you mean {}.{}?", prefix, EscapeControl(*nearest)) : "";
}

}  // namespace

void TemplateEvaluator::Fail(TemplatePlace at, std::string_view what) const {
  throw TemplateFailure{absl::FailedPreconditionError(PlacedMessage(name_, at, what))};
}

void TemplateEvaluator::FailLimit(TemplatePlace at, std::string_view what) const {
  throw TemplateFailure{absl::ResourceExhaustedError(PlacedMessage(name_, at, what))};
}

void TemplateEvaluator::Work(TemplatePlace at, std::uint64_t amount) {
  work_ += amount;
  if (work_ > kMostWork) FailLimit(at, "the template works too long; does it repeat itself?");
}

TemplateEvaluator::Deeper::Deeper(TemplateEvaluator& evaluator, TemplatePlace at)
    : evaluator_(evaluator) {
  if (evaluator.depth_ == kDeepest) {
    evaluator.FailLimit(at, "the templates call each other too deep");
  }
  ++evaluator.depth_;
}

TemplateEvaluator::Call::Call(TemplateEvaluator& evaluator, const TemplateRef& argument)
    : evaluator_(evaluator), outside_({{"$", argument}}) {
  evaluator_.variables_.swap(outside_);
}

void TemplateEvaluator::Declare(TemplatePlace at, const std::string& name,
                                const TemplateRef& value) {
  if (variables_.size() == kMostVariables) FailLimit(at, "the template has too many variables");
  variables_.emplace_back(name, value);
}

TemplateRef& TemplateEvaluator::Find(TemplatePlace at, const std::string& name) {
  const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                  [&name](const auto& known) { return known.first == name; });
  // The parser knows of it, but its declaration was not reached or it was only assigned.
  if (found == variables_.rend()) {
    Fail(at, fmt::format("the variable {} is not declared before this", EscapeControl(name)));
  }
  return found->second;
}

void TemplateEvaluator::SetRangeVariables(const TemplatePipe& pipe, const TemplateRef& key,
                                          const TemplateRef& item) {
  const std::vector<std::string>& names = pipe.variables;
  if (names.size() == 2) Find(pipe.at, names.front()) = key;
  if (!names.empty()) Find(pipe.at, names.back()) = item;
}

TemplateRef TemplateEvaluator::Evaluate(const TemplatePipe& pipe, const TemplateRef& dot) {
  const Deeper deeper(*this, pipe.at);
  TemplateRef value;
  for (std::size_t i = 0; i < pipe.commands.size(); ++i) {
    const TemplateRef piped = value;
    value = EvaluateCommand(pipe.commands[i], dot, i > 0 ? &piped : nullptr);
  }
  for (const std::string& variable : pipe.variables) {
    if (pipe.assigns) {
      Find(pipe.at, variable) = value;
    } else {
      Declare(pipe.at, variable, value);
    }
  }
  return value;
}

TemplateRef TemplateEvaluator::EvaluateCommand(const TemplateCommand& command,
                                               const TemplateRef& dot, const TemplateRef* piped) {
  const TemplateTerm& first = command.terms.front();
  if (first.kind == TermKind::kFunction) return CallFunction(command, dot, piped);
  if (command.terms.size() > 1 || piped != nullptr) {
    Fail(command.at, "this is no function, it can't have arguments or follow a `|`");
  }
  if (first.kind == TermKind::kNil) Fail(first.at, "nil is not a command");
  return EvaluateTerm(first, dot);
}

TemplateRef TemplateEvaluator::CallFunction(const TemplateCommand& command, const TemplateRef& dot,
                                            const TemplateRef* piped) {
  Step(command.at);
  const std::string& name = command.terms.front().name;
  if (name == "and" || name == "or") return ShortCircuit(name == "or", command, dot, piped);
  std::vector<TemplateRef> arguments;
  for (std::size_t i = 1; i < command.terms.size(); ++i) {
    arguments.push_back(EvaluateTerm(command.terms[i], dot));
  }
  if (piped != nullptr) arguments.push_back(*piped);
  if (!ReadsLittle(name)) {
    for (const TemplateRef& argument : arguments) Work(command.at, SizeOf(*argument));
  }
  auto result = CallTemplateFunction(name, arguments);
  if (!result.ok()) {
    const std::string message =
        PlacedMessage(name_, command.at, std::string(result.status().message()));
    throw TemplateFailure{absl::Status(result.status().code(), message)};
  }
  if (name != "default" && name != "index") Work(command.at, SizeOf(**result));
  return *std::move(result);
}

// The first argument that decides is the result; those behind it are not evaluated.
TemplateRef TemplateEvaluator::ShortCircuit(bool until, const TemplateCommand& command,
                                            const TemplateRef& dot, const TemplateRef* piped) {
  if (command.terms.size() == 1 && piped == nullptr) {
    Fail(command.at, fmt::format("{} needs at least 1 argument, it has 0", command.terms[0].name));
  }
  TemplateRef value;
  for (std::size_t i = 1; i < command.terms.size(); ++i) {
    value = EvaluateTerm(command.terms[i], dot);
    if (IsTrue(*value) == until) return value;
  }
  return piped != nullptr ? *piped : value;
}

TemplateRef TemplateEvaluator::EvaluateTerm(const TemplateTerm& term, const TemplateRef& dot) {
  Step(term.at);
  switch (term.kind) {
    case TermKind::kLiteral:
      return term.literal;
    case TermKind::kNil:
      return Nil();
    case TermKind::kDot:
      return FieldsOf(term, dot);
    case TermKind::kVariable:
      return FieldsOf(term, Find(term.at, term.name));
    case TermKind::kPipe:
      return FieldsOf(term, Evaluate(*term.pipe, dot));
    case TermKind::kFunction:
      return CallFunction({term.at, {term}}, dot, nullptr);
  }
  return Nil();
}

// A field that isn't there, and every field of it, is nil (exec.go, evalField).
TemplateRef TemplateEvaluator::FieldsOf(const TemplateTerm& term, const TemplateRef& start) const {
  const TemplateValue* value = start.get();
  for (const std::string& field : term.fields) {
    if (std::holds_alternative<std::monostate>(value->storage())) return Nil();
    const auto* map = std::get_if<TemplateValue::Map>(&value->storage());
    if (map == nullptr) {
      Fail(term.at, fmt::format("there is no field {} in a value of type {}", EscapeControl(field),
                                TemplateTypeName(*value)));
    }
    const auto found = map->find(field);
    if (found == map->end()) return Nil();
    value = &found->second;
  }
  return {start, value};
}

std::string TemplateEvaluator::MissingMessage(const TemplatePipe& pipe, const TemplateRef& dot) {
  const TemplateTerm& term = pipe.commands.back().terms.front();
  if (term.kind == TermKind::kFunction) {
    return fmt::format("the result of {} has no value", term.name);
  }
  if (term.kind == TermKind::kPipe) return "what is in parentheses has no value";
  const bool of_variable = term.kind == TermKind::kVariable;
  std::string path = of_variable ? EscapeControl(term.name) : "";
  const TemplateValue* value = of_variable ? Find(term.at, term.name).get() : dot.get();
  std::string suggestion;
  for (const std::string& field : term.fields) {
    if (suggestion.empty()) suggestion = Suggestion(field, *value, path);
    path += "." + EscapeControl(field);
    const auto* map = std::get_if<TemplateValue::Map>(&value->storage());
    const auto found = map == nullptr ? TemplateValue::Map::const_iterator() : map->find(field);
    value = map == nullptr || found == map->end() ? Nil().get() : &found->second;
  }
  return fmt::format("{} has no value{}", path.empty() ? "the dot" : path, suggestion);
}

}  // namespace imglife
