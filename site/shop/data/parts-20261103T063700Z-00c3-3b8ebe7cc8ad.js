(window.fftData??={})["parts-20261103T063700Z-00c3"]=JSON.parse('{"parts":[],"nodes":{}}');
