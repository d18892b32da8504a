#include <fmt/format.h>

#include "engine/template/bounded_text.h"
#include "engine/template/template.h"
#include "engine/template/template_evaluator.h"
#include "engine/template/template_format.h"
#include "engine/template/template_functions.h"
#include "engine/template/template_tree.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

using NodeKind = TemplateNode::Kind;

enum class Flow { kOn, kBreak, kContinue };

class Renderer {
 public:
  Renderer(const std::string& name, const TemplateTree& tree) : tree_(tree), evaluator_(name) {}

  std::string Run(const TemplateNodes& nodes, const TemplateRef& data) {
    const TemplateEvaluator::Call call(evaluator_, data);
    Walk(nodes, data);
    return output_.Take();
  }

 private:
  void Write(TemplatePlace at, std::string_view text) {
    output_.Append(text);
    CheckOutput(at);
  }

  void CheckOutput(TemplatePlace at) const {
    if (output_.overflowed()) evaluator_.FailLimit(at, "the template makes more than 16 MiB");
  }

  Flow Walk(const TemplateNodes& nodes, const TemplateRef& dot) {
    for (const TemplateNode& node : nodes) {
      const Flow flow = WalkOne(node, dot);
      if (flow != Flow::kOn) return flow;
    }
    return Flow::kOn;
  }

  Flow WalkOne(const TemplateNode& node, const TemplateRef& dot) {
    const TemplateEvaluator::Deeper deeper(evaluator_, node.at);
    evaluator_.Step(node.at);
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

  void WalkAction(const TemplateNode& node, const TemplateRef& dot) {
    const TemplateRef value = evaluator_.Evaluate(*node.pipe, dot);
    if (!node.pipe->variables.empty()) return;
    if (std::holds_alternative<std::monostate>(value->storage())) {
      evaluator_.Fail(node.pipe->at, evaluator_.MissingMessage(*node.pipe, dot));
    }
    FormatValue(*value, {}, 'v', output_);
    CheckOutput(node.at);
  }

  Flow WalkCondition(const TemplateNode& node, const TemplateRef& dot) {
    const TemplateEvaluator::Scope scope(evaluator_);
    for (const TemplateBranch& branch : node.branches) {
      const TemplateRef value = evaluator_.Evaluate(branch.pipe, dot);
      if (IsTrue(*value)) return Walk(branch.body, node.kind == NodeKind::kWith ? value : dot);
    }
    return Walk(node.otherwise, dot);
  }

  Flow WalkRange(const TemplateNode& node, const TemplateRef& dot) {
    const TemplateEvaluator::Scope scope(evaluator_);
    const TemplatePipe& pipe = node.branches.front().pipe;
    const TemplateRef value = evaluator_.Evaluate(pipe, dot);
    if (const auto* list = std::get_if<TemplateValue::List>(&value->storage())) {
      std::int64_t index = 0;
      for (const TemplateValue& item : *list) {
        if (WalkItem(node, TemplateValue(index++), {value, &item}) == Flow::kBreak) break;
      }
      if (!list->empty()) return Flow::kOn;
    } else if (const auto* map = std::get_if<TemplateValue::Map>(&value->storage())) {
      for (const auto& [key, item] : *map) {
        if (WalkItem(node, TemplateValue(key), {value, &item}) == Flow::kBreak) break;
      }
      if (!map->empty()) return Flow::kOn;
    } else if (const auto* count = std::get_if<std::int64_t>(&value->storage())) {
      WalkNumbers(node, *count);
      if (*count > 0) return Flow::kOn;
    } else if (!std::holds_alternative<std::monostate>(value->storage())) {
      evaluator_.Fail(
          pipe.at, fmt::format("range can't go over a value of type {}", TemplateTypeName(*value)));
    }
    return Walk(node.otherwise, dot);
  }

  // A range over the integers from 0 up to `count`, which have no keys.
  void WalkNumbers(const TemplateNode& node, std::int64_t count) {
    const TemplatePipe& pipe = node.branches.front().pipe;
    if (pipe.variables.size() > 1) {
      evaluator_.Fail(pipe.at, "range over an integer sets one variable, not two");
    }
    for (std::int64_t number = 0; number < count; ++number) {
      const auto item = std::make_shared<TemplateValue>(number);
      if (WalkItem(node, TemplateValue(), item) == Flow::kBreak) break;
    }
  }

  // One turn of a range.
  Flow WalkItem(const TemplateNode& node, TemplateValue key, const TemplateRef& item) {
    const TemplateEvaluator::Scope scope(evaluator_);
    const TemplateBranch& branch = node.branches.front();
    evaluator_.Step(node.at);
    if (!branch.pipe.variables.empty()) {
      const auto shared_key = std::make_shared<TemplateValue>(std::move(key));
      evaluator_.SetRangeVariables(branch.pipe, shared_key, item);
    }
    return Walk(branch.body, item);
  }

  void WalkCall(const TemplateNode& node, const TemplateRef& dot) {
    const auto found = tree_.find(node.text);
    if (found == tree_.end()) {
      evaluator_.Fail(node.at, fmt::format("the template \"{}\" is not defined{}",
                                           EscapeControl(node.text), Nearest(node.text)));
    }
    const TemplateRef argument =
        node.pipe ? evaluator_.Evaluate(*node.pipe, dot) : std::make_shared<TemplateValue>();
    const TemplateEvaluator::Call call(evaluator_, argument);
    Walk(found->second, argument);
  }

  std::string Nearest(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& [known, nodes] : tree_) names.push_back(known);
    const auto nearest = NearestWord(name, names);
    return nearest ? fmt::format(", did you mean \"{}\"?", EscapeControl(*nearest)) : "";
  }

  const TemplateTree& tree_;
  TemplateEvaluator evaluator_;
  BoundedText output_;
};

}  // namespace

absl::StatusOr<std::string> RenderTemplate(const std::string& name, std::string_view text,
                                           const TemplateValue& data) {
  const auto tree = ParseTemplate(name, text);
  if (!tree.ok()) return tree.status();
  // The caller keeps the data for as long as this runs.
  const TemplateRef dot(TemplateRef(), &data);
  try {
    return Renderer(name, *tree).Run(tree->at(name), dot);
  } catch (const TemplateFailure& failure) {
    return failure.status;
  }
}

absl::Status CheckSyntax(const std::string& name, std::string_view text) {
  return ParseTemplate(name, text).status();
}

}  // namespace imglife
