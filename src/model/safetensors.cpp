#include "model/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "base/read_file.h"
#include "mnist_train/error.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
constexpr const char* kMetadata = "__metadata__";

/// What is wrong with a file, before it is known which.
struct Malformed {
  std::string problem;
};

/// Refuses keys that come twice, which JSON's grammar allows, and nesting that the format has not.
class KeyCheck {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    constexpr int kDeepest = 3;  // the header, a tensor, its shape
    if (depth > kDeepest) throw Malformed{"expected a header of at most 3 levels, found more"};
    if (event == Json::parse_event_t::object_start) keys_[depth + 1].clear();
    if (event == Json::parse_event_t::key &&
        !keys_[depth].insert(parsed.get_ref<const std::string&>()).second) {
      throw Malformed{"expected each key once in the header, found " + parsed.dump() + " twice"};
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
  throw Malformed{"expected a header that is a JSON object, found something else"};
}

std::map<std::string, std::string> read_metadata(const Json& metadata) {
  if (!metadata.is_object()) throw Malformed{"expected metadata that is an object"};
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string()) throw Malformed{"expected metadata of strings, found another value"};
    result[key] = value.get<std::string>();
  }
  return result;
}

struct Entry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::uint64_t begin;
  std::uint64_t end;
};

/// The bytes of a tensor of this shape. Throws if they are more than any file has.
std::uint64_t byte_size(const std::vector<std::int64_t>& shape, const std::string& name) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t size = sizeof(float);
  for (const std::int64_t length : shape) {
    const auto factor = static_cast<std::uint64_t>(length);
    if (factor != 0 && size > kMost / factor) {
      throw Malformed{"tensor " + name +
                      ": expected a shape that fits the file, found one too large"};
    }
    size *= factor;
  }
  return size;
}

Entry read_entry(const std::string& name, const Json& json, std::uint64_t data_size) {
  const auto refuse = [&](const std::string& expected) {
    throw Malformed{"tensor " + Json(name).dump() + ": expected " + expected};
  };
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    refuse("dtype, shape and data_offsets, found other keys");
  }
  if (json["dtype"] != "F32") refuse("dtype F32, found " + json["dtype"].dump());
  const auto unsigned_numbers = [](const Json& list) {
    return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& number) {
             return number.is_number_unsigned() &&
                    number.get<std::uint64_t>() <=
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
           });
  };
  const Json& offsets = json["data_offsets"];
  if (!unsigned_numbers(json["shape"])) refuse("a shape of whole numbers, found another");
  if (!unsigned_numbers(offsets) || offsets.size() != 2) refuse("two data_offsets, found others");
  Entry entry{name, json["shape"].get<std::vector<std::int64_t>>(), offsets[0], offsets[1]};
  if (entry.begin > entry.end || entry.end > data_size) refuse("data_offsets inside the file");
  if (entry.end - entry.begin != byte_size(entry.shape, name)) {
    refuse("data_offsets that fit the shape, found others");
  }
  return entry;
}

FloatTensor read_values(const Entry& entry, const char* data) {
  FloatTensor tensor{entry.name, entry.shape, {}};
  tensor.values.resize((entry.end - entry.begin) / sizeof(float));
  if (!tensor.values.empty()) {
    std::memcpy(tensor.values.data(), data + entry.begin, entry.end - entry.begin);
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), is_finite)) {
    throw Malformed{"tensor " + Json(entry.name).dump() +
                    ": expected finite numbers, found others"};
  }
  return tensor;
}

TensorFile decode(const std::string& bytes) {
  if (bytes.size() < kSizeBytes) throw Malformed{"expected at least 8 bytes, found fewer"};
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), kSizeBytes);
  if (header_size > std::min(kMaxHeader, bytes.size() - kSizeBytes)) {
    throw Malformed{"expected a header of at most 1 MiB inside the file, found one of " +
                    std::to_string(header_size) + " bytes"};
  }
  const Json header = parse_header(bytes, header_size);
  const char* const data = bytes.data() + kSizeBytes + header_size;
  const std::uint64_t data_size = bytes.size() - kSizeBytes - header_size;

  TensorFile file;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata) {
      file.metadata = read_metadata(value);
    } else {
      entries.push_back(read_entry(name, value, data_size));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
    return std::tie(one.begin, one.end, one.name) < std::tie(other.begin, other.end, other.name);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) throw Malformed{"expected data without holes and overlaps"};
    covered = entry.end;
    file.tensors.push_back(read_values(entry, data));
  }
  if (covered != data_size) {
    throw Malformed{"expected " + std::to_string(covered) + " bytes of data, found " +
                    std::to_string(data_size)};
  }
  return file;
}

[[noreturn]] void refuse(const std::string& name, const std::string& problem) {
  throw Error(ExitCode::kModel,
              name + ": " + problem + "; expected a model that mnist-train has saved");
}

}  // namespace

const FloatTensor* TensorFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const FloatTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string encode_safetensors(const TensorFile& file) {
  Json header = Json::object();  // whose keys are sorted
  if (!file.metadata.empty()) header[kMetadata] = file.metadata;
  std::string data;
  for (const FloatTensor& tensor : file.tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()),
                tensor.values.size() * sizeof(float));
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + kSizeBytes - 1) / kSizeBytes * kSizeBytes, ' ');
  const std::uint64_t size = text.size();
  std::string bytes(kSizeBytes, '\0');
  std::memcpy(bytes.data(), &size, kSizeBytes);
  return bytes + text + data;
}

TensorFile decode_safetensors(const std::string& bytes, const std::string& name) {
  try {
    return decode(bytes);
  } catch (const Malformed& malformed) {
    refuse(name, malformed.problem);
  }
}

TensorFile read_safetensors(const fs::path& file) {
  const std::string name = full_name(file);
  const FileContents contents = read_file(file);
  if (!contents.problem.empty()) refuse(name, "cannot be read: " + contents.problem);
  return decode_safetensors(contents.bytes, name);
}

}  // namespace mnist
