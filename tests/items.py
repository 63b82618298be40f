"""Items to translate, and what leads to the service's answers about them."""

ITEM = """Xã vùng biên mở phiên chợ nông sản đầu mùa mưa

Nguyễn Hoa

(GLO)- Sáng 12-5, xã Ia Mơ khai trương phiên chợ nông sản với 46 gian hàng.

Theo ban tổ chức, chợ bán gạo, điều và mật ong của 38 hộ dân trong xã.

gian-hang-mat-ong-cua-hop-tac-xa.jpg
Khách chọn mua mật ong tại gian hàng của hợp tác xã. Ảnh: Nguyễn Hoa

Xã dự kiến tổ chức chợ vào ngày 12 hằng tháng và sửa 4 km đường dẫn vào chợ.
"""
SHORT = "UBND tỉnh Gia Lai họp bàn về thu hút đầu tư vào khu công nghiệp."
BROKEN = "Đoạn cuối của bản tin này bị HỎNG nên không dịch được."
ENGLISH = "The provincial committee met on Friday to talk about the new market in the town."
PAGE = f"""<html><head><title>Chợ</title></head><body><nav><a href="/">Trang chủ</a></nav>
<article><h1>Xã vùng biên mở phiên chợ nông sản đầu mùa mưa</h1>
<p>Sáng 12-5, xã Ia Mơ khai trương phiên chợ nông sản với 46 gian hàng của người dân.</p>
<p>Theo ban tổ chức, chợ bán gạo, điều và mật ong của 38 hộ dân trong xã vùng biên này.</p>
</article><footer>Bản quyền</footer><!-- {"x" * 3000} --></body></html>"""
