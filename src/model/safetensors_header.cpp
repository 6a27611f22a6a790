#include "model/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace mnist {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxHeader = std::size_t{1} << 20;

/// Says what is wrong with the form of the file.
template <typename... Values>
[[noreturn]] void malformed(fmt::format_string<Values...> problem, Values&&... values) {
  throw Damage(ExitCode::kModel, fmt::format(problem, std::forward<Values>(values)...));
}

[[noreturn]] void cut_short(const std::string& part, std::uint64_t expected, std::uint64_t found) {
  malformed("expected {} of {} bytes, found {}: the file is cut short", part, expected, found);
}

/// Refuses a key that comes twice in an object, which JSON's grammar allows, and deeper nesting
/// than the format has.
class KeyCheck {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    constexpr int kDeepest = 3;  // the header, a tensor, its shape
    if (depth > kDeepest) malformed("expected a header of at most 3 levels, found more");
    if (event == Json::parse_event_t::object_start) keys_[depth + 1].clear();
    if (event == Json::parse_event_t::key &&
        !keys_[depth].insert(parsed.get_ref<const std::string&>()).second) {
      malformed("expected each key once in the header, found {} twice", parsed.dump());
    }
    return true;
  }

 private:
  std::map<int, std::set<std::string>> keys_;
};

Json parse_header(const std::string& bytes, std::size_t size) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(kSizeBytes);
  KeyCheck check;
  try {
    Json header = Json::parse(begin, begin + static_cast<std::ptrdiff_t>(size), std::ref(check));
    if (header.is_object()) return header;
  } catch (const Json::exception&) {
  }
  malformed("expected a header that is a JSON object, found something else");
}

std::map<std::string, std::string> read_metadata(const Json& metadata) {
  if (!metadata.is_object()) malformed("expected metadata that is an object, found another value");
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string()) malformed("expected metadata of strings, found another value");
    result[key] = value.get<std::string>();
  }
  return result;
}

/// The number of bytes of a tensor. Throws if no file can have as many.
std::uint64_t byte_size(const TensorEntry& entry) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t size = entry.format->bytes;
  for (const std::int64_t length : entry.shape) {
    const auto factor = static_cast<std::uint64_t>(length);
    if (factor != 0 && size > kMost / factor) {
      malformed("tensor {}: expected a shape that fits the file, found one too large",
                Json(entry.name).dump());
    }
    size *= factor;
  }
  return size;
}

TensorEntry read_entry(const std::string& name, const Json& json, std::uint64_t data_size) {
  const auto refuse = [&](const std::string& expected) {
    malformed("tensor {}: expected {}", Json(name).dump(), expected);
  };
  const auto are_sizes = [](const Json& list) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& number) {
             return number.is_number_unsigned() && number.get<std::uint64_t>() <= kMost;
           });
  };
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    refuse("dtype, shape and data_offsets, found other keys");
  }
  const Json& dtype = json["dtype"];
  const FloatFormat* const format =
      dtype.is_string() ? float_format(dtype.get_ref<const std::string&>()) : nullptr;
  if (format == nullptr && name.ends_with("num_batches_tracked")) {
    fail(ExitCode::kModel,
         "tensor {}: expected a weight or bias of a linear layer, found batch normalisation",
         Json(name).dump());
  }
  if (format == nullptr) {
    fail(ExitCode::kModel, "tensor {}: expected dtype F32, F16, BF16 or F64, found {}",
         Json(name).dump(), dtype.dump());
  }
  const Json& offsets = json["data_offsets"];
  if (!are_sizes(json["shape"])) refuse("a shape of whole numbers, found another");
  if (!are_sizes(offsets) || offsets.size() != 2) refuse("two data_offsets, found others");
  TensorEntry entry{name, format, json["shape"].get<std::vector<std::int64_t>>(), offsets[0],
                    offsets[1]};
  if (entry.begin > entry.end) refuse("data_offsets in ascending order, found others");
  if (entry.end - entry.begin != byte_size(entry)) {
    refuse("data_offsets that fit the shape, found others");
  }
  if (entry.end > data_size) cut_short("data", entry.end, data_size);
  return entry;
}

}  // namespace

SafetensorsHeader read_header(const std::string& bytes) {
  if (bytes.size() < kSizeBytes) cut_short("a file", kSizeBytes, bytes.size());
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), kSizeBytes);
  if (header_size > kMaxHeader) {
    malformed("expected a header of at most 1 MiB, found one of {} bytes", header_size);
  }
  if (header_size > bytes.size() - kSizeBytes) {
    cut_short("a header", header_size, bytes.size() - kSizeBytes);
  }
  const Json json = parse_header(bytes, header_size);
  const std::uint64_t data_size = bytes.size() - kSizeBytes - header_size;

  SafetensorsHeader header;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadata) {
      header.metadata = read_metadata(value);
    } else {
      header.tensors.push_back(read_entry(name, value, data_size));
    }
  }
  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const TensorEntry& one, const TensorEntry& other) {
              return std::tie(one.begin, one.end, one.name) <
                     std::tie(other.begin, other.end, other.name);
            });
  std::uint64_t covered = 0;
  for (const TensorEntry& entry : header.tensors) {
    if (entry.begin != covered) malformed("expected data without holes and overlaps");
    covered = entry.end;
  }
  if (covered != data_size) {
    malformed("expected {} bytes of data, found {}", covered, data_size);
  }
  header.data_begin = kSizeBytes + header_size;
  return header;
}

}  // namespace mnist
