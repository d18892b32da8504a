// Image references: what ToString writes means the same reference.
#include <string>

#include "schema/image/reference.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view text = TextOf(data, size);
  const absl::StatusOr<Reference> reference = ParseReference(text);
  if (reference.ok()) {
    const absl::StatusOr<Reference> again = ParseReference(reference->ToString());
    Expect(again.ok() && *again == *reference, "a written reference is read as it was");
    Expect(reference->tag.empty() || IsValidTag(reference->tag), "a tag is valid");
  } else {
    Expect(IsShowable(MessageOf(reference.status())), "a message has no control characters");
  }

  const absl::StatusOr<Repository> repository = ParseRepository(text);
  if (!repository.ok()) return 0;
  const absl::StatusOr<Repository> again = ParseRepository(repository->ToString());
  Expect(again.ok() && *again == *repository, "a written repository is read as it was");
  Expect(reference.ok() && reference->repository == *repository,
         "a repository is a reference without tag and digest");
  return 0;
}
