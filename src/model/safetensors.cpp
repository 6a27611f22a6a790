#include "model/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/file_kind.h"
#include "mnist_train/error.h"
#include "model/safetensors_header.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

FloatTensor read_values(const TensorEntry& entry, const char* data) {
  const std::size_t bytes = entry.format->bytes;
  FloatTensor tensor{entry.name, entry.shape, {}};
  tensor.values.reserve((entry.end - entry.begin) / bytes);
  for (std::uint64_t at = entry.begin; at < entry.end; at += bytes) {
    tensor.values.push_back(entry.format->read(data + at));
  }
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(tensor.values.begin(), tensor.values.end(), is_finite)) {
    fail(ExitCode::kModel,
         "tensor {}: expected finite numbers, found others, as after training that diverged",
         Json(entry.name).dump());
  }
  return tensor;
}

TensorFile decode(const std::string& bytes, const WeightsFile& source) {
  SafetensorsHeader header = read_header(bytes);
  TensorFile file{std::move(header.metadata), {}, source};
  for (const TensorEntry& entry : header.tensors) {
    file.tensors.push_back(read_values(entry, bytes.data() + header.data_begin));
  }
  return file;
}

}  // namespace

const FloatTensor* TensorFile::find(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const FloatTensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string encode_safetensors(const TensorFile& file) {
  Json header = Json::object();  // nlohmann::json sorts the keys
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

TensorFile decode_safetensors(const std::string& bytes, const WeightsFile& source) {
  try {
    return decode(bytes, source);
  } catch (const Damage& error) {
    refuse({source.name, source.remedy_if_damaged}, "{}", error.what());
  } catch (const Error& error) {
    refuse(source, "{}", error.what());
  }
}

TensorFile read_safetensors(const fs::path& path, const WeightsFile& source) {
  if (const auto kind = file_kind(file_head(path)); !kind.empty()) {
    refuse(source, "expected a safetensors file, found {}", kind);
  }
  const FileContents contents = read_file(path);
  if (!contents.problem.empty()) {
    std::error_code ignored;
    const bool is_other = fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
    refuse({source.name, is_other ? "give a file" : kCheckPath}, "cannot be read: {}",
           contents.problem);
  }
  return decode_safetensors(contents.bytes, source);
}

TensorFile read_safetensors(const fs::path& path) {
  return read_safetensors(path, {full_name(path)});
}

}  // namespace mnist
