// The world with concrete providers: the only place that names them.
#pragma once

#include <atomic>
#include <memory>

#include "absl/status/statusor.h"

#include "engine/cli/commands.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "providers/transport.h"
#include "schema/config/read_config.h"

namespace imglife {

class RealWorld {
 public:
  // Its HTTP requests are told to the session's console, for --log-level debug. InvalidArgument for
  // a setting of the environment that can't be read. `config` and `session` must outlive the
  // result.
  static absl::StatusOr<std::unique_ptr<RealWorld>> Create(const Config& config,
                                                           const Session& session);
  virtual ~RealWorld() = default;

  virtual const World& world() const = 0;
  virtual RegistryMemo& registry() = 0;
};

}  // namespace imglife
