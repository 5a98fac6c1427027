def ensure_operator_image(places):
    raise NotImplementedError
