// The world with concrete providers: the only place that names them.
#pragma once

#include <atomic>
#include <memory>

#include "absl/status/statusor.h"

#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "providers/transport.h"
#include "schema/config/read_config.h"

namespace imglife {

struct WorldSettings {
  // As ContentCache::Settings::refresh.
  bool refresh_cache = false;
};

class RealWorld {
 public:
  // InvalidArgument for a setting of the environment that can't be read.
  static absl::StatusOr<std::unique_ptr<RealWorld>> Create(const Config& config,
                                                           const Environment& environment,
                                                           const WorldSettings& settings = {});
  virtual ~RealWorld() = default;

  virtual const World& world() const = 0;
  virtual RegistryMemo& registry() = 0;
};

}  // namespace imglife
