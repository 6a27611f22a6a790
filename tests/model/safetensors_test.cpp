#include "model/safetensors.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "support.h"

namespace mnist {
namespace {

/// The bytes of a file with this header and data, put together by hand.
std::string bytes_of(const std::string& header, const std::string& data = "") {
  std::string size;
  for (int i = 0; i < 8; ++i) size += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return size + header + data;
}

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A header of one tensor "w".
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TensorFile read(const std::string& bytes) {
  const test::TempDir dir;
  test::write_file(dir / "weights", bytes);
  return read_safetensors(dir / "weights");
}

std::string error_of(const std::string& bytes) {
  return test::error_of(ErrorKind::kModel, bytes, read_safetensors);
}

std::vector<float> values(const torch::Tensor& tensor) {
  EXPECT_EQ(tensor.scalar_type(), torch::kFloat32);
  const auto* const data = tensor.data_ptr<float>();
  return {data, data + tensor.numel()};
}

TEST(Safetensors, ReadsAFilePutTogetherByHand) {
  const std::string header =
      R"({"__metadata__":{"a":"b"},"y":{"dtype":"F32","shape":[],"data_offsets":[24,28]},)"
      R"("x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}  )";
  const TensorFile file = read(bytes_of(header, floats({1, 2, 3, 4, 5, 6, 7})));
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"a", "b"}}));
  EXPECT_THAT(file.tensors.keys(), ElementsAre("x", "y"));
  EXPECT_THAT(file.tensors["x"].sizes().vec(), ElementsAre(2, 3));
  EXPECT_THAT(values(file.tensors["x"]), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(file.tensors["y"].dim(), 0);
  EXPECT_THAT(values(file.tensors["y"]), ElementsAre(7));
}

// The bytes follow from the formats of IEEE 754: 1 has the exponent 0 with the biases 15, 127 and
// 1023; the smallest number of binary16 is 2^-24. The data of F64 begin at an odd multiple of 2.
TEST(Safetensors, ReadsTheOtherTypesAsFloat32) {
  const std::string header = R"({"half":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},)"
                             R"("brain":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]},)"
                             R"("double":{"dtype":"F64","shape":[1,2],"data_offsets":[14,30]}})";
  const std::string halves("\x00\x3c\x00\xc0\xff\x7b\x01\x00", 8);
  const std::string brains("\x80\x3f\x20\xc1\x01\x00", 6);
  const std::string doubles("\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\xbf", 16);
  const TensorFile file = read(bytes_of(header, halves + brains + doubles));
  EXPECT_THAT(values(file.tensors["half"]), ElementsAre(1, -2, 65504, std::ldexp(1.0F, -24)));
  EXPECT_THAT(values(file.tensors["brain"]), ElementsAre(1, -10, std::ldexp(1.0F, -133)));
  EXPECT_THAT(values(file.tensors["double"]), ElementsAre(1, -0.1F));
  EXPECT_THAT(file.tensors["double"].sizes().vec(), ElementsAre(1, 2));
}

TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const TensorFile file{{{"k", "v"}}, {{{"w", torch::tensor({1.5F, -2.0F})}}}};
  const std::string header =
      R"({"__metadata__":{"k":"v"},"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(encode_safetensors(file), bytes_of(padded, floats({1.5F, -2.0F})));
}

TEST(Safetensors, ReadsWhatItWrote) {
  const torch::Tensor columns = torch::tensor({{1.0, 3.0}, {2.0, 4.0}}, torch::kFloat64).t();
  const TensorFile file{{{"k", "\"\n\xc3\xa9"}},
                        {{{"b", columns}, {"a", torch::tensor({3.0F, 4.0F, 5.0F})}}}};
  const TensorFile again = read(encode_safetensors(file));
  EXPECT_EQ(again.metadata, file.metadata);
  EXPECT_THAT(again.tensors.keys(), ElementsAre("b", "a"));
  EXPECT_THAT(again.tensors["b"].sizes().vec(), ElementsAre(2, 2));
  EXPECT_THAT(values(again.tensors["b"]), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(encode_safetensors(again), encode_safetensors(file));
}

TEST(Safetensors, RefusesWhatIsNotAHeader) {
  std::string deep = R"({"w":)";
  deep += std::string(500'000, '[') + std::string(500'000, ']') + "}";  // too deep for the stack
  for (const std::string& header :
       {std::string(), std::string("[]"), std::string("{"), std::string("{} x"),
        std::string("{\"\xff\":1}"), deep, std::string(R"({"__metadata__":{"a":1}})"),
        std::string(R"({"__metadata__":[]})"), std::string(R"({"w":1})"),
        std::string(R"({"w":{"shape":[2],"data_offsets":[0,8]}})"),
        std::string(R"({"w":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})"),
        one("F32", "[-2]", "[0,8]"), one("F32", "[2.0]", "[0,8]"), one("F32", "2", "[0,8]"),
        one("F32", "[99999999999999999999]", "[0,8]")}) {
    EXPECT_EQ(error_of(bytes_of(header, floats({1, 2}))), "not a valid safetensors header")
        << header.substr(0, 99);
  }
}

TEST(Safetensors, RefusesWhatIsWrong) {
  const std::string eight = floats({1, 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::string whole = bytes_of(one("F32", "[2]", "[0,8]"), eight);
  const std::string not_finite = "tensor w: expected finite values, found NaN or infinity";
  const std::vector<std::pair<std::string, std::string>> cases{
      {std::string("PK\3\4\0\0\0\0", 8) + "archive/data.pkl",
       "expected a safetensors file, as safetensors.torch.save_file writes it, found a PyTorch"},
      {"", "not a valid safetensors header"},
      {whole.substr(0, whole.size() - 9), "not a valid safetensors header"},
      {whole.substr(0, whole.size() - 1), "expected 8 bytes of data, found 7"},
      {"\xff\xff\xff\xff\xff\xff\xff\xff{}", "not a valid safetensors header"},
      {bytes_of(one("I64", "[1]", "[0,8]"), eight),
       "tensor w: expected dtype F32, F16, BF16 or F64, found I64"},
      {bytes_of(one("F16", "[2]", "[0,8]"), eight), "expected data_offsets that fit F16 [2]"},
      {bytes_of(one("F32", "[2]", "[0,8,8]"), eight), "that fit F32 [2], found [0,8,8]"},
      {bytes_of(one("F32", "[2]", "[8,0]"), eight), "that fit F32 [2], found [8,0]"},
      {bytes_of(one("F32", "[3]", "[0,8]"), eight), "that fit F32 [3], found [0,8]"},
      {bytes_of(one("F32", "[0]", "[0,0]")), "that fit F32 [0]"},
      {bytes_of(one("F32", "[4611686018427387905,4]", "[0,16]"), eight + eight),  // 2^64 + 4
       "that fit F32 [46"},
      {bytes_of(one("F32", "[1]", "[0,4]"), eight), "expected 4 bytes of data, found 8"},
      {bytes_of(one("F32", "[1]", "[4,8]"), eight),
       "tensor w: expected data from offset 0 on, found 4"},
      {bytes_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                eight),
       "expected data from offset"},
      {bytes_of(one("F32", "[2]", "[0,8]"), floats({1, nan})), not_finite},
      {bytes_of(one("F32", "[2]", "[0,8]"), floats({-infinity, 1})), not_finite},
      // The largest double is infinite as a float.
      {bytes_of(one("F64", "[1]", "[0,8]"), "\xff\xff\xff\xff\xff\xff\xef\x7f"), not_finite},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_THAT(error_of(bytes), HasSubstr(expected));
}

}  // namespace
}  // namespace mnist
