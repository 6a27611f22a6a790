#include "model/safetensors.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/file.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

torch::Dtype torch_dtype(const std::string& dtype) {
  if (dtype == "F64") return torch::kFloat64;
  if (dtype == "F16") return torch::kFloat16;
  return dtype == "BF16" ? torch::kBFloat16 : torch::kFloat32;
}

}  // namespace

std::string float32_bytes(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return {static_cast<const char*>(values.data_ptr()), values.nbytes()};
}

std::string encode_safetensors(const TensorFile& file) {
  nlohmann::json header = nlohmann::json::object();  // which sorts its keys
  if (!file.metadata.empty()) header[kMetadataKey] = file.metadata;
  std::string data;
  for (const auto& tensor : file.tensors) {
    const std::size_t begin = data.size();
    data += float32_bytes(tensor.value());
    header[tensor.key()] = {{"dtype", "F32"},
                            {"shape", tensor.value().sizes().vec()},
                            {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  constexpr std::size_t kAlignment = 8;
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + text + data;
}

SafetensorsReader::SafetensorsReader(const fs::path& path)
    : name_(full_name(path)), in_(open_file(path, ErrorKind::kModel)) {
  if (const auto kind = file_kind(in_); !kind.empty()) {
    fail(ErrorKind::kModel,
         "{}: expected a safetensors file, as safetensors.torch.save_file writes it, found {}",
         name_, kind);
  }
  header_ = read_header(in_, fs::file_size(path), name_);
}

torch::Tensor SafetensorsReader::read(const TensorInfo& tensor) {
  torch::Tensor values = torch::empty(tensor.shape, torch_dtype(tensor.dtype));
  in_.seekg(static_cast<std::streamoff>(header_.data_begin + tensor.begin));
  in_.read(static_cast<char*>(values.data_ptr()), static_cast<std::streamsize>(values.nbytes()));
  if (!in_) fail(ErrorKind::kModel, "{}: cannot be read", name_);
  values = values.to(torch::kFloat32);
  if (!torch::isfinite(values).all().item<bool>()) {
    fail(ErrorKind::kModel, "{}: tensor {}: expected finite values, found NaN or infinity", name_,
         tensor.name);
  }
  return values;
}

TensorFile read_safetensors(const fs::path& path) {
  SafetensorsReader reader(path);
  TensorFile file;
  file.metadata = reader.header().metadata;
  for (const TensorInfo& tensor : reader.header().tensors) {
    file.tensors.insert(tensor.name, reader.read(tensor));
  }
  return file;
}

}  // namespace mnist
