// Pipelines and variables while a template is rendered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/template_tree.h"

namespace imglife {

// `name` must outlive it. What fails is thrown as TemplateFailure: FailedPrecondition for mistakes,
// ResourceExhausted for a template that works too long, nests too deep or has too many variables.
class TemplateEvaluator {
 public:
  explicit TemplateEvaluator(const std::string& name) : name_(name) {}

  // The value; the variables of the pipe have it, too.
  TemplateRef Evaluate(const TemplatePipe& pipe, const TemplateRef& dot);

  // "the value has no value" in the words of the template, with the nearest name that there is.
  std::string MissingMessage(const TemplatePipe& pipe, const TemplateRef& dot);

  // The values of one turn of a range, for the variables of its pipe.
  void SetRangeVariables(const TemplatePipe& pipe, const TemplateRef& key, const TemplateRef& item);

  // Variables that are declared while it lives are gone afterwards.
  class Scope {
   public:
    explicit Scope(TemplateEvaluator& evaluator)
        : evaluator_(evaluator), size_(evaluator.variables_.size()) {}
    ~Scope() { evaluator_.variables_.resize(size_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    TemplateEvaluator& evaluator_;
    std::size_t size_;
  };

  // A template of its own: while it lives there is only "$".
  class Call {
   public:
    Call(TemplateEvaluator& evaluator, const TemplateRef& argument);
    ~Call() { evaluator_.variables_.swap(outside_); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    TemplateEvaluator& evaluator_;
    std::vector<std::pair<std::string, TemplateRef>> outside_;
  };

  // One level of recursion, so that no template can use up the stack.
  class Deeper {
   public:
    Deeper(TemplateEvaluator& evaluator, TemplatePlace at);
    ~Deeper() { --evaluator_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    TemplateEvaluator& evaluator_;
  };

  // One step of the way.
  void Step(TemplatePlace at) { Work(at, kStep); }

  [[noreturn]] void Fail(TemplatePlace at, std::string_view what) const;
  [[noreturn]] void FailLimit(TemplatePlace at, std::string_view what) const;

 private:
  // Work is counted in bytes that functions read and write; a step is worth kStep of them.
  static constexpr std::uint64_t kStep = 512;
  static constexpr std::uint64_t kMostWork = kStep * 1'000'000;
  static constexpr std::size_t kMostVariables = 1'000;
  static constexpr int kDeepest = 1'000;

  void Work(TemplatePlace at, std::uint64_t amount);
  TemplateRef EvaluateCommand(const TemplateCommand& command, const TemplateRef& dot,
                              const TemplateRef* piped);
  TemplateRef CallFunction(const TemplateCommand& command, const TemplateRef& dot,
                           const TemplateRef* piped);
  TemplateRef ShortCircuit(bool until, const TemplateCommand& command, const TemplateRef& dot,
                           const TemplateRef* piped);
  TemplateRef EvaluateTerm(const TemplateTerm& term, const TemplateRef& dot);
  TemplateRef FieldsOf(const TemplateTerm& term, const TemplateRef& start) const;

  void Declare(TemplatePlace at, const std::string& name, const TemplateRef& value);
  // The innermost variable of that name.
  TemplateRef& Find(TemplatePlace at, const std::string& name);

  const std::string& name_;
  std::vector<std::pair<std::string, TemplateRef>> variables_;
  std::uint64_t work_ = 0;
  int depth_ = 0;
};

}  // namespace imglife
