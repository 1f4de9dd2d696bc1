"""What the API accepts about an account, strictly: a field that is not known is refused, not dropped."""

from rest_framework import serializers

LAYOUTS = ("pet", "ct", "fusion", "compare", "all")
PET_COLOURS = ("inverted grey", "hot iron")
CONTOUR_KINDS = ("fraction", "fixed", "percist")
# Beyond these nothing can be seen: twelve-bit CT, and uptake that no tumour reaches.
HU_LIMIT = 4096
SUV_BW_UPPER_LIMIT = 100
RADIUS_MM_LIMIT = 100
MIP_DEGREES_PER_S_LIMIT = 180
ISLAND_ML_LIMIT = 1000


class ViewerSettingsSerializer(serializers.Serializer):
    """How a person's viewer looks; every field may be missing."""

    layout = serializers.ChoiceField(choices=LAYOUTS, required=False)
    ct_level_hu = serializers.FloatField(min_value=-HU_LIMIT, max_value=HU_LIMIT, required=False)
    ct_width_hu = serializers.FloatField(min_value=1, max_value=2 * HU_LIMIT, required=False)
    tumour_suv_bw_upper = serializers.FloatField(min_value=0.5, max_value=SUV_BW_UPPER_LIMIT, required=False)
    bat_suv_bw_upper = serializers.FloatField(min_value=0.5, max_value=SUV_BW_UPPER_LIMIT, required=False)
    fusion_opacity = serializers.FloatField(min_value=0, max_value=1, required=False)
    pet_colours = serializers.ChoiceField(choices=PET_COLOURS, required=False)
    crosshair_shown = serializers.BooleanField(required=False)
    brush_radius_mm = serializers.FloatField(min_value=0.5, max_value=RADIUS_MM_LIMIT, required=False)
    brush_is_sphere = serializers.BooleanField(required=False)
    brush_threshold_suv_bw = serializers.FloatField(min_value=0.01, max_value=SUV_BW_UPPER_LIMIT, required=False)
    contour_kind = serializers.ChoiceField(choices=CONTOUR_KINDS, required=False)
    contour_fraction = serializers.FloatField(min_value=0.01, max_value=1, required=False)
    contour_suv_bw = serializers.FloatField(min_value=0.01, max_value=SUV_BW_UPPER_LIMIT, required=False)
    region_tolerance = serializers.FloatField(min_value=0.01, max_value=1, required=False)
    region_bound_mm = serializers.FloatField(min_value=1, max_value=10 * RADIUS_MM_LIMIT, required=False)
    margin_mm = serializers.FloatField(min_value=0.1, max_value=RADIUS_MM_LIMIT, required=False)
    island_ml = serializers.FloatField(min_value=0.01, max_value=ISLAND_ML_LIMIT, required=False)
    mip_degrees_per_s = serializers.FloatField(min_value=1, max_value=MIP_DEGREES_PER_S_LIMIT, required=False)
    mip_is_turning = serializers.BooleanField(required=False)

    def to_internal_value(self, data: object) -> dict:
        """Also refuses unknown fields, and NaN, which a range lets pass."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({name: "There is no such setting." for name in unknown})
        values = super().to_internal_value(data)
        undefined = [name for name, value in values.items() if value != value]
        if undefined:
            raise serializers.ValidationError({name: "This is not a number." for name in undefined})
        return values
