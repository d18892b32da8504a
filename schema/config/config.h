// imglife.yaml after reading: every default filled in, every reference parsed, every value with its
// line. Image layouts (ocidir://) are as written; LayoutDirectory says where they are. Plain data;
// equal files in any order of keys give equal values except for lines.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "schema/image/digest.h"
#include "schema/image/platform.h"
#include "schema/image/reference.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// Which part of the file asks for something: "sync.entries[1]" at its line.
struct ConfigRule {
  std::string path;
  SourcePosition at;
};

struct Hook {
  std::string cmd;
  absl::Duration timeout = absl::Minutes(5);
  bool continue_on_error = false;
  ConfigRule rule;
};

// Where a version is cut before it is matched against a product's cycles.
enum class LifecycleExtract { kFull, kMajor, kMinor, kPatch, kRegex };

struct LifecycleRef {
  std::string product;
  LifecycleExtract extract = LifecycleExtract::kFull;
  // RE2 with one group, for kRegex.
  std::string regex;
  ConfigRule rule;
};

enum class KeepLastPer { kAll, kMajor, kMinor, kSuffix, kMinorSuffix };

struct SyncEntry {
  Repository source;
  Repository target;
  // Exactly one of the two is set.
  std::string tag;
  std::string tag_regex;
  std::optional<std::int64_t> keep_last;  // none: all
  KeepLastPer keep_last_per = KeepLastPer::kAll;
  std::vector<std::string> exclude;
  bool os_normalize = false;
  bool check_digest = false;
  bool referrers = false;
  std::vector<Platform> platforms;  // empty: all; sync.platforms is already applied
  std::optional<LifecycleRef> lifecycle;
  std::vector<Hook> post_sync;
  ConfigRule rule;
};

struct SyncSection {
  std::vector<Hook> post_sync;
  std::vector<SyncEntry> entries;
  ConfigRule rule;
};

enum class ImageType { kCore, kSpe, kSpeDev };
enum class BuildBackend { kAuto, kDocker, kBuildx, kBuildah, kBuildctl };

struct BuildImage {
  std::string name;
  // Absolute, or relative to the working directory: already joined with the configuration's
  // directory.
  std::string folder;
  // The folder as written, for messages and templates.
  std::string folder_as_written;
  ImageType type = ImageType::kCore;
  Repository mirror_image;
  // Empty: the newest tag that this configuration puts into mirror_image.
  std::string mirror_tag;
  // Empty: mirror_tag.
  std::string version;
  std::string tmpl = "Dockerfile.tmpl";
  std::map<std::string, std::string> args;
  std::vector<Platform> platforms;     // build.platforms is already applied
  bool sbom = false;                   // build.sbom is already applied
  std::vector<Hook> post_image_build;  // its own; those of the section are not repeated here
  // Its own, else that of the sync entry whose target is mirror_image, which tells of the tags
  // there.
  std::optional<LifecycleRef> lifecycle;
  bool lifecycle_of_mirror = false;
  ConfigRule rule;
};

struct BuildSection {
  std::string core_version;
  // Repository prefix: images are pushed to REGISTRY/NAME. For a host alone the path is empty.
  Repository registry;
  BuildBackend backend = BuildBackend::kAuto;  // IMGLIFE_BUILD_BACKEND is already applied
  std::string builder;                         // IMGLIFE_BUILDER is already applied
  std::string tag_format = "{{.Version}}-core{{.CoreVersion}}";
  SourcePosition tag_format_at;
  std::vector<Hook> post_image_build;
  std::vector<BuildImage> images;
  ConfigRule rule;
};

enum class RetentionOrder { kAge, kVersion };

// What applies to one repository, all fields filled in.
struct RetentionRule {
  std::int64_t keep_last = 5;
  KeepLastPer keep_last_per = KeepLastPer::kAll;
  RetentionOrder order = RetentionOrder::kAge;
  std::int64_t max_age_days = 30;
  std::vector<std::string> exclude_tags;         // exact
  std::vector<std::string> exclude_tag_regexes;  // RE2, without the slashes
  ConfigRule rule;
};

struct RetentionArchive {
  bool enabled = false;
  std::optional<Repository> registry;  // a prefix, as build.registry
  std::int64_t keep_days = 90;
};

struct RetentionGuard {
  std::int64_t max_delete_percent = 100;
  std::optional<std::int64_t> max_deletes;
  std::int64_t min_keep = 1;
};

struct RetentionOverride {
  std::string match;   // RE2, searched in HOST/PATH
  RetentionRule rule;  // fields that the override leaves out are already those of the section
};

struct Retention {
  RetentionRule defaults;
  RetentionArchive archive;
  RetentionGuard guard;
  std::vector<RetentionOverride> repositories;
};

enum class GitPush { kAuto, kAlways, kNever };

struct GitSettings {
  bool commit = true;
  bool commit_by_option = false;  // `commit` is what --commit says, whatever the file has
  GitPush push = GitPush::kAuto;
  std::string remote = "origin";
  std::string branch;   // empty: $CI_DEFAULT_BRANCH, else the current branch
  std::string message;  // empty: the stage's own
  std::string author_name;
  std::string author_email;
};

struct LifecycleSection {
  enum class Provider { kEndOfLife, kLocal };
  enum class Target { kGit, kPackageRegistry };

  Provider provider = Provider::kEndOfLife;
  std::string eol_url = "https://endoflife.date";  // IMGLIFE_EOL_URL is already applied
  Target target = Target::kGit;
  // Joined with the configuration's directory, and as written.
  std::string eol_data_file = "eol-data.yaml";
  std::string eol_data_file_as_written = "eol-data.yaml";
  std::int64_t warn_days = 90;      // environment already applied
  std::int64_t critical_days = 30;  // environment already applied
  GitSettings git;
  ConfigRule rule;
};

struct StatusSection {
  std::string client_zone;
  std::string output;  // joined with the configuration's directory; empty: none
  std::string output_as_written;
  std::string title;
  GitSettings git;
  ConfigRule rule;
};

struct PackageRegistry {
  enum class Provider { kGitLab, kGitea, kS3, kFile };

  Provider provider = Provider::kGitLab;
  std::string path;  // joined with the configuration's directory
  std::string url;
  std::string api_url;
  std::optional<std::int64_t> project_id;
  std::string owner, repo;
  std::string bucket, region = "us-east-1", prefix;
  std::string config_ref = "main";
  ConfigRule rule;
};

struct Webhook {
  std::string url;
  std::string header_env;
};

struct NotifySection {
  enum class Threshold { kWarning, kCritical, kExpired };
  Threshold threshold = Threshold::kCritical;
  std::vector<std::string> slack_webhook_envs;
  std::vector<Webhook> webhooks;
};

struct Config {
  std::string file;       // as found: --config, IMGLIFE_CONFIG or ./imglife.yaml
  std::string directory;  // that relative paths inside are relative to
  Digest digest;          // DigestOfConfig
  std::optional<PackageRegistry> package_registry;
  // Registry hosts spoken to over plain HTTP, loopback aside: insecure_registries, and the host of
  // an http:// url.
  std::vector<std::string> insecure_registries;
  std::optional<SyncSection> sync;
  std::optional<BuildSection> build;
  std::optional<Retention> retention;
  LifecycleSection lifecycle;
  StatusSection status;
  NotifySection notify;
};

// The rule for `repository`: the first override that matches, else the section's.
const RetentionRule& RetentionFor(const Retention& retention, const Repository& repository);

}  // namespace imglife
