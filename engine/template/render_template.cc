#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "engine/template/template.h"
#include "engine/template/template_functions.h"
#include "engine/template/template_text.h"
#include "engine/template/template_tree.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

using NodeKind = TemplateNode::Kind;
using TermKind = TemplateTerm::Kind;

constexpr std::size_t kMostOutput = std::size_t{16} << 20;
constexpr std::size_t kMostSteps = 5'000'000;
constexpr int kDeepestCalls = 100;

// Ends in RenderTemplate.
struct RenderError {
  absl::Status status;
};

enum class Flow { kOn, kBreak, kContinue };

class Renderer {
 public:
  Renderer(const std::string& name, const TemplateTree& tree) : name_(name), tree_(tree) {}

  std::string Run(const TemplateValue& data) {
    variables_.push_back({"$", data});
    Walk(tree_.body, data);
    return std::move(output_);
  }

 private:
  struct Variable {
    std::string name;
    TemplateValue value;
  };

  [[noreturn]] void Fail(TemplatePlace at, std::string_view what) const {
    throw RenderError{absl::FailedPreconditionError(PlacedMessage(name_, at, what))};
  }

  void Step(TemplatePlace at) {
    if (++steps_ <= kMostSteps) return;
    throw RenderError{absl::ResourceExhaustedError(
        PlacedMessage(name_, at, "the template takes too many steps; does it call itself?"))};
  }

  void Write(TemplatePlace at, std::string_view text) {
    if (output_.size() + text.size() > kMostOutput) {
      throw RenderError{absl::ResourceExhaustedError(
          PlacedMessage(name_, at, "the template makes more than 16 MiB"))};
    }
    output_.append(text);
  }

  Flow Walk(const TemplateNodes& nodes, const TemplateValue& dot) {
    for (const TemplateNode& node : nodes) {
      const Flow flow = WalkOne(node, dot);
      if (flow != Flow::kOn) return flow;
    }
    return Flow::kOn;
  }

  Flow WalkOne(const TemplateNode& node, const TemplateValue& dot) {
    Step(node.at);
    switch (node.kind) {
      case NodeKind::kText:
        Write(node.at, node.text);
        return Flow::kOn;
      case NodeKind::kAction:
        WalkAction(node, dot);
        return Flow::kOn;
      case NodeKind::kIf:
      case NodeKind::kWith:
        return WalkCondition(node, dot);
      case NodeKind::kRange:
        return WalkRange(node, dot);
      case NodeKind::kTemplate:
        WalkCall(node, dot);
        return Flow::kOn;
      case NodeKind::kBreak:
        return Flow::kBreak;
      case NodeKind::kContinue:
        return Flow::kContinue;
    }
    return Flow::kOn;
  }

  void WalkAction(const TemplateNode& node, const TemplateValue& dot) {
    const TemplateValue value = Evaluate(*node.pipe, dot);
    if (!node.pipe->variables.empty()) return;
    if (std::holds_alternative<std::monostate>(value.storage())) {
      Fail(node.pipe->at, fmt::format("{} has no value", Named(*node.pipe)));
    }
    Write(node.at, DisplayText(value));
  }

  // What a person calls a pipeline that gave nothing.
  static std::string Named(const TemplatePipe& pipe) {
    const TemplateCommand& last = pipe.commands.back();
    if (last.terms.size() > 1 || last.terms[0].fields.empty()) return "this";
    std::string text = last.terms[0].kind == TermKind::kVariable ? last.terms[0].name : "";
    for (const std::string& field : last.terms[0].fields) text += "." + field;
    return text;
  }

  Flow WalkCondition(const TemplateNode& node, const TemplateValue& dot) {
    const std::size_t scope = variables_.size();
    const TemplateValue value = Evaluate(*node.pipe, dot);
    const bool with = node.kind == NodeKind::kWith;
    const Flow flow =
        IsTrue(value) ? Walk(node.body, with ? value : dot) : Walk(node.otherwise, dot);
    variables_.resize(scope);
    return flow;
  }

  Flow WalkRange(const TemplateNode& node, const TemplateValue& dot) {
    const std::size_t scope = variables_.size();
    const TemplateValue value = Evaluate(*node.pipe, dot);
    Flow flow = Flow::kOn;
    bool any = false;
    const auto once = [&](const TemplateValue& key, const TemplateValue& item) {
      any = true;
      const std::size_t inner = variables_.size();
      SetRangeVariables(*node.pipe, key, item);
      flow = Walk(node.body, item);
      variables_.resize(inner);
      return flow != Flow::kBreak;
    };
    if (const auto* list = std::get_if<TemplateValue::List>(&value.storage())) {
      std::int64_t index = 0;
      for (const TemplateValue& item : *list) {
        if (!once(TemplateValue(index++), item)) break;
      }
    } else if (const auto* map = std::get_if<TemplateValue::Map>(&value.storage())) {
      for (const auto& [key, item] : *map) {
        if (!once(TemplateValue(key), item)) break;
      }
    } else if (!std::holds_alternative<std::monostate>(value.storage())) {
      Fail(node.pipe->at, fmt::format("range can't go over {}", TemplateTypeName(value)));
    }
    variables_.resize(scope);
    return any ? Flow::kOn : Walk(node.otherwise, dot);
  }

  void SetRangeVariables(const TemplatePipe& pipe, const TemplateValue& key,
                         const TemplateValue& item) {
    if (pipe.variables.size() == 2) Set(pipe, 0, key);
    if (!pipe.variables.empty()) Set(pipe, pipe.variables.size() - 1, item);
  }

  void Set(const TemplatePipe& pipe, std::size_t which, const TemplateValue& value) {
    if (!pipe.assigns) {
      variables_.push_back({pipe.variables[which], value});
    } else {
      Find(pipe.variables[which]).value = value;
    }
  }

  // The parser has seen that it exists.
  Variable& Find(const std::string& name) {
    return *std::find_if(variables_.rbegin(), variables_.rend(),
                         [&name](const Variable& variable) { return variable.name == name; });
  }

  void WalkCall(const TemplateNode& node, const TemplateValue& dot) {
    const auto found = tree_.defined.find(node.text);
    if (found == tree_.defined.end()) {
      Fail(node.at, fmt::format("the template \"{}\" is not defined", EscapeControl(node.text)));
    }
    if (++calls_ > kDeepestCalls) {
      throw RenderError{absl::ResourceExhaustedError(PlacedMessage(
          name_, node.at,
          fmt::format("the template \"{}\" calls itself too deep", EscapeControl(node.text))))};
    }
    const TemplateValue argument = node.pipe ? Evaluate(*node.pipe, dot) : TemplateValue();
    std::vector<Variable> outside =
        std::exchange(variables_, std::vector<Variable>{{"$", argument}});
    Walk(found->second, argument);
    variables_ = std::move(outside);
    --calls_;
  }

  TemplateValue Evaluate(const TemplatePipe& pipe, const TemplateValue& dot) {
    TemplateValue value;
    for (std::size_t i = 0; i < pipe.commands.size(); ++i) {
      value = EvaluateCommand(pipe.commands[i], dot, i > 0 ? &value : nullptr);
    }
    // Range sets its variables for each item.
    if (pipe.variables.size() == 1 && !pipe.of_range) Set(pipe, 0, value);
    return value;
  }

  TemplateValue EvaluateCommand(const TemplateCommand& command, const TemplateValue& dot,
                                const TemplateValue* piped) {
    Step(command.at);
    const TemplateTerm& first = command.terms.front();
    if (first.kind == TermKind::kFunction)
      return WithFields(first, CallFunction(command, dot, piped));
    if (command.terms.size() > 1 || piped != nullptr) {
      Fail(command.at, "a value that is no function can't have arguments");
    }
    if (first.kind == TermKind::kNil) Fail(first.at, "nil is not a command");
    return EvaluateTerm(first, dot);
  }

  TemplateValue CallFunction(const TemplateCommand& command, const TemplateValue& dot,
                             const TemplateValue* piped) {
    const std::string& name = command.terms.front().name;
    if (name == "and" || name == "or") return ShortCircuit(name == "or", command, dot, piped);
    std::vector<TemplateValue> arguments;
    for (std::size_t i = 1; i < command.terms.size(); ++i) {
      arguments.push_back(EvaluateTerm(command.terms[i], dot));
    }
    if (piped != nullptr) arguments.push_back(*piped);
    auto result = CallTemplateFunction(name, arguments);
    if (!result.ok()) Fail(command.at, std::string(result.status().message()));
    return *std::move(result);
  }

  // The first argument that decides is the result; those behind it are not evaluated.
  TemplateValue ShortCircuit(bool until, const TemplateCommand& command, const TemplateValue& dot,
                             const TemplateValue* piped) {
    TemplateValue value;
    for (std::size_t i = 1; i < command.terms.size(); ++i) {
      value = EvaluateTerm(command.terms[i], dot);
      if (IsTrue(value) == until) return value;
    }
    if (piped != nullptr) return *piped;
    if (command.terms.size() == 1) {
      Fail(command.at, fmt::format("{} needs at least 1 argument", command.terms[0].name));
    }
    return value;
  }

  TemplateValue EvaluateTerm(const TemplateTerm& term, const TemplateValue& dot) {
    switch (term.kind) {
      case TermKind::kLiteral:
        return term.literal;
      case TermKind::kNil:
        return {};
      case TermKind::kDot:
        return WithFields(term, dot);
      case TermKind::kVariable:
        return WithFields(term, Find(term.name).value);
      case TermKind::kPipe:
        return WithFields(term, Evaluate(*term.pipe, dot));
      case TermKind::kFunction:
        return WithFields(term, CallFunction({term.at, {term}}, dot, nullptr));
    }
    return {};
  }

  TemplateValue WithFields(const TemplateTerm& term, const TemplateValue& start) const {
    const TemplateValue* value = &start;
    static const TemplateValue kNothing;
    for (const std::string& field : term.fields) {
      const auto* map = std::get_if<TemplateValue::Map>(&value->storage());
      if (map == nullptr) {
        Fail(term.at, fmt::format("there is no field {} in {}", EscapeControl(field),
                                  TemplateTypeName(*value)));
      }
      const auto found = map->find(field);
      value = found == map->end() ? &kNothing : &found->second;
    }
    return *value;
  }

  const std::string& name_;
  const TemplateTree& tree_;
  std::string output_;
  std::size_t steps_ = 0;
  int calls_ = 0;
  std::vector<Variable> variables_;
};

}  // namespace

absl::StatusOr<std::string> RenderTemplate(const std::string& name, std::string_view text,
                                           const TemplateValue& data) {
  const auto tree = ParseTemplate(name, text);
  if (!tree.ok()) return tree.status();
  try {
    return Renderer(name, *tree).Run(data);
  } catch (const RenderError& error) {
    return error.status;
  }
}

}  // namespace imglife
